"""An authority of a test's own, and the certificates that it issues for a server or a program of this machine."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


class Authority:
    """cafile: whom to trust. Everything is PEM, in a folder that is made."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self._folder = folder
        self._name = _name("test authority")
        self._key = ec.generate_private_key(ec.SECP256R1())
        basic = x509.BasicConstraints(ca=True, path_length=0)
        builder = _builder(self._name, self._name, self._key).add_extension(basic, critical=True)
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)  # signs certificates and revocations
        certificate = builder.add_extension(usage, critical=True).sign(self._key, hashes.SHA256())
        self.cafile = folder / "ca.pem"
        self.cafile.write_bytes(certificate.public_bytes(Encoding.PEM))

    def issue(self, host: str, password: str = "") -> tuple[Path, Path]:
        """(certificate, private key) for an IP address; the key under a password, if any, and only its owner's to read."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))])
        builder = _builder(_name(host), self._name, key).add_extension(names, critical=False)
        certificate = builder.sign(self._key, hashes.SHA256())
        stem = f"{host}-{certificate.serial_number:x}"
        certfile, keyfile = self._folder / f"{stem}.pem", self._folder / f"{stem}.key"
        certfile.write_bytes(certificate.public_bytes(Encoding.PEM))
        locked = BestAvailableEncryption(password.encode()) if password else NoEncryption()
        keyfile.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked))
        keyfile.chmod(0o600)
        return certfile, keyfile


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    return builder.not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(days=1))
