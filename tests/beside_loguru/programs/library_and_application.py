"""A library that is silent until its user enables it, in modules of its own."""

import importlib
import shutil
import sys
from pathlib import Path

from loguru import logger

FILES = {
    "shop/__init__.py": "from loguru import logger\n\nlogger.disable('shop')\nfrom shop import cart, db\n",
    "shop/db.py": (
        "from loguru import logger\n\n\ndef query(text):\n    logger.debug('query: {}', text)\n    return [text]\n"
    ),
    "shop/cart.py": (
        "from loguru import logger\nfrom shop import db\n\n\nclass Cart:\n    def add(self, item):\n"
        "        logger.info('adding {item}', item=item)\n        return db.query(item)\n"
    ),
}


def write_library(module):
    """Write the library's files; they log by the library that this program uses."""
    for name, text in FILES.items():
        path = Path(name)
        path.parent.mkdir(exist_ok=True)
        path.write_text(text.replace("from loguru", f"from {module}"), "utf-8")
    sys.path.insert(0, ".")


sys.dont_write_bytecode = True
write_library(type(logger).__module__.rpartition("._")[0] or type(logger).__module__)
shop = importlib.import_module("shop")
logger.remove()
logger.add(sys.stdout, format="{name} {module} {file.name} {function} {line} {level} {message}", level=0)
cart = shop.cart.Cart()

print("silent")
cart.add("lamp")
print("enabled")
logger.enable("shop")
cart.add("desk")
print("without the database")
logger.disable("shop.db")
cart.add("chair")
print("only the database")
logger.configure(activation=[("shop", False), ("shop.db", True)])
cart.add("shelf")
logger.info("the application itself")
print("all")
logger.enable("")
cart.add("rug")

for chosen in ("shop", "shop.db", "shop.d", {"shop": "INFO", "shop.db": False}, {"": "ERROR", "shop.db": "TRACE"}):
    logger.remove()
    logger.add(sys.stdout, format="{name} {level} {message}", filter=chosen, level=0)
    print("filter", chosen)
    cart.add("mat")
    logger.warning("from the application")
shutil.rmtree("shop")
