"""基层减负: what may not be asked of people who work here, by the article that forbids it.

`bans.csv` holds the articles, `words.csv` the words by which such a demand is recognised, `friends.csv` phrases that
only look like one. `linter` judges a definition of an indicator, a form or a field; who lets definitions in calls it.
"""
