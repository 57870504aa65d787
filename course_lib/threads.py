"""Threads that sleep while they wait, so that the course stays usable beside other programs. Imports no PyTorch.

OpenMP lets a thread of PyTorch's that waits for another spin. Beside two busy programs on two cores it spins away the
time that the other needs: a lesson of half a minute takes minutes. Asleep, it is woken in microseconds.
OpenMP reads its environment once, while PyTorch loads. So this stands first in `course_lib`; what loads PyTorch before
the course has to set it as well: the Makefile does, and `tools/kernel.py` for the kernels of notebooks.
"""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # a choice of the user's own stays
