"""The page shell: templates, components, htmx parts and the installable app's frame. It knows no domain."""
