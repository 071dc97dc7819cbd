"""遮盖与查看: personal data is masked on every screen; who needs it says why, which is written down before it is shown.

`masks` hide, `fields` names what may be revealed and who may see it (domains register theirs), `services` reveal and
carry the approval a second person gives for children under 14 and for notes on health and care, `queries` read.
"""
