"""Looks at what signatures rest on: keys, certificates, time stamps, answers on revocation."""

from __future__ import annotations

from domain.errors import SohoaError
from domain.health import Found, State
from tasks.house import House
from tasks.keys import WARN_BEFORE, key_states


def keys(here: House) -> Found:
    """Every key that the installation holds can sign, and its certificate lives on."""
    states = key_states(here)
    said = [
        f"{key.role}: {key.subject or key.where}"
        + (f" (đến {key.not_after:%Y-%m-%d})" if key.not_after else "")
        + (f" – {key.problem}" if key.problem else "")
        for key in states
    ]
    if here.keys.test:
        said.insert(0, "khóa THỬ NGHIỆM, không có giá trị pháp lý")
    if here.keys.officer is None:
        said.append("cán bộ ký bằng thiết bị của mình (sohoa sign)")
    broken = any(key.state in {"unusable", "unavailable"} for key in states)
    expiring = any(key.state == "expiring" for key in states)
    state: State = "missing" if broken else "warning" if here.keys.test or expiring else "ok"
    return Found(state, "; ".join(said))


def time_stamps(here: House) -> Found:
    """Every authority is asked for a time stamp; a failure is a warning while another works."""
    from signing.timestamps import FailoverTimeStamper, NoTimeStampError  # import pyHanko

    settings = here.settings.signatures
    if not settings.tsa:
        return Found("ok", "không dùng (chữ ký mức B-B)")
    said: list[str] = []
    bad = ending = 0
    for url in settings.tsa:
        alone = here.trust_services.model_copy(
            update={"settings": settings.model_copy(update={"tsa": (url,)})}
        )
        try:
            ends = FailoverTimeStamper(alone).expected().data.not_after
        except NoTimeStampError as error:
            bad += 1
            said.append(str(error))
            continue
        ending += ends - here.now() < WARN_BEFORE
        said.append(f"{url}: chứng thư đến {ends:%d/%m/%Y}")
    if bad == len(settings.tsa):
        return Found("missing", "; ".join(said))
    return Found("warning" if bad or ending else "ok", "; ".join(said))


def revocation(here: House) -> Found:
    """The status of each of our certificates can be asked (OCSP, CRL), and none was revoked.

    A warning where a responder is named and only the list (CRL) answers: it may be a day old.
    """
    from signing.validation_data import NoRevocationSourceError, NoValidationDataError, forget
    from signing.validation_data import validation_data as ask

    if not here.settings.signatures.tsa:
        return Found("ok", "không hỏi (chữ ký mức B-B)")
    forget()  # what was true an hour ago does not say that the responder answers now
    said: list[str] = []
    state: State = "ok"
    for role, key in here.keys.by_role.items():
        try:
            signer = key.pyhanko()
            fresh = ask(signer.signing_cert, signer.cert_registry, here.trust_services)
            said.append(f"{role}: còn hiệu lực, hỏi lại trước {fresh.fresh_until:%H:%M %d/%m}")
            named = signer.signing_cert is not None and signer.signing_cert.ocsp_urls
            if named and not fresh.ocsps:
                said[-1] += " (OCSP không trả lời được, đã hỏi bằng danh sách CRL)"
                state = "warning" if state == "ok" else state
        except NoRevocationSourceError as error:
            said.append(f"{role}: {error}")
            state = "warning" if state == "ok" else state
        except (NoValidationDataError, SohoaError) as error:
            said.append(f"{role}: {error}")
            state = "missing"
    return Found(state, "; ".join(said))
