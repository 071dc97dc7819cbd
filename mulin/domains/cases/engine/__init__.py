"""How a case works inside: steps, dispatching, clocks, photos. Entered by services only."""
