"""Lightning Fabric, which stands on its own as lightning-fabric and comes within the package lightning, too."""

from importlib.util import find_spec

if find_spec("lightning_fabric"):
    from lightning_fabric import Fabric
    from lightning_fabric.loggers import CSVLogger, Logger, TensorBoardLogger
    from lightning_fabric.strategies import DDPStrategy
else:
    from lightning.fabric import Fabric
    from lightning.fabric.loggers import CSVLogger, Logger, TensorBoardLogger
    from lightning.fabric.strategies import DDPStrategy

__all__ = ["CSVLogger", "DDPStrategy", "Fabric", "Logger", "TensorBoardLogger"]
