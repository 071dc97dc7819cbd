"""The walking network: streets cleaned into a graph, places snapped to it, distances on foot between places."""
