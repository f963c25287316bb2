"""What clerks and units write: masked, and sealed with the problem's key before it enters a command."""

from intake.seal import new_key, seal
from language.mask import mask
from language.normalise import strip_controls
from schemas.errors import NotFound
from streams.session import PoolHome


def sealed_for(home: PoolHome, problem: str, text: str) -> str:
    """The words under the problem's key, which is drawn where it has none. Raises NotFound when that key was destroyed."""
    home.vault.write({problem: new_key()}, [])  # create-only: an earlier key stays
    key = home.vault.keys([problem]).get(problem)
    if key is None:
        raise NotFound(f"问题 {problem} 的密钥已销毁,不能再写入文字")
    return seal(key, problem, mask(strip_controls(text)).text.strip().encode())
