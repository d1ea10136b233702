"""Grades a submission with espgen. Classroom 50 runs this in the student's checkout."""

import subprocess
import sys
from pathlib import Path

here = Path(__file__).resolve().parent
installed = subprocess.run(["sh", str(here / "install-espgen.sh")], stdout=subprocess.PIPE, text=True, check=False)
if installed.returncode != 0:
    sys.exit(installed.returncode)
result = Path("result.json")
result.unlink(missing_ok=True)  # one that the student has committed
graded = subprocess.run(
    [installed.stdout.strip(), "grade", ".", "--course", str(here / "grader"), "--exercise", "@EXERCISE@",
     "--format", "classroom50", "-o", str(result)],
    check=False,
)
# What was graded has a result, whatever its points; anything else is the grader's fault, or the setup's.
sys.exit(0 if result.is_file() else graded.returncode or 1)
