"""导出: files taken out of the system, marked with who, when and why, kept for a few hours for their maker only.

They lie in the folder of the installation (`MULIN_HOME/exports`), which no web server reads.
"""
