"""`python -m cartwheel`"""

from cartwheel.cli import main

main()
