"""A second reading of the five texts, written down apart from the data: what is left of them.

Digitization, roll-out and reuse are in `test_plans`. Here: every other number that the texts print,
as level, area, year, day where it is not the year's last, value, and line where the phrase begins.
"""

import pytest

from catalogues.plan_files import load_plan

A, P, D, C = "all", "province", "district", "commune"
STAGE = (2023, 2024, 2025)
READ = {
    "plan-5755": {
        ("certified_copy_offering_rate", C, "", 2021, "", "> 35", 187),
        ("result_sync_rate", A, "", 2021, "", ">= 100", 196),
        ("status_sync_rate", A, "", 2021, "", ">= 100", 197),
        ("waiting_minutes", A, "", 2022, "", "<= 30", 325),
        *(("online_dossier_rate", A, "", year, "", ">= 50", 385) for year in STAGE),
        *(("electronic_circulation_rate", A, "", year, "", ">= 80", 385) for year in STAGE),
        *(("productivity", P, "", year, "", ">= 1600", 394) for year in STAGE),
        *(("productivity", A, "rural", year, "", ">= 1200", 394) for year in STAGE),
        *(("productivity", A, "remote", year, "", ">= 800", 394) for year in STAGE),
        *(("waiting_minutes", A, "", year, "", "<= 15", 397) for year in STAGE),
        *(("handling_minutes", A, "", year, "", "<= 30", 397) for year in STAGE),
        ("satisfaction_rate", A, "", 2025, "", ">= 95", 412),
    },
    "gia-lai": {
        ("waiting_minutes", A, "", 2022, "2022-09-30", "<= 30", 1225),
        ("waiting_minutes", A, "", 2023, "", "<= 30", 1225),
        ("waiting_minutes", A, "", 2024, "2024-01-31", "<= 15", 1894),
        ("waiting_minutes", A, "", 2025, "", "<= 15", 234),
        ("handling_minutes", A, "", 2024, "2024-02-29", "<= 30", 1959),
        ("handling_minutes", A, "", 2025, "", "<= 30", 236),
        ("online_dossier_rate", A, "", 2023, "2023-05-31", ">= 50", 1660),
        ("electronic_circulation_rate", A, "", 2023, "2023-07-31", ">= 80", 1726),
        ("electronic_circulation_rate", A, "", 2025, "", ">= 80", 222),
        ("productivity", A, "", 2024, "2024-05-31", ">= 1600", 2001),
        ("productivity", A, "remote", 2024, "2024-05-31", ">= 800", 2001),
        ("satisfaction_rate", A, "", 2025, "", ">= 95", 2184),
    },
    "ninh-thuan-2024": {
        ("full_online_service_rate", A, "", 2024, "", ">= 80", 160),
        ("online_payment_rate", P, "", 2024, "", ">= 60", 178),
        ("online_payment_rate", D, "", 2024, "", ">= 45", 185),
        ("online_payment_rate", C, "", 2024, "", ">= 35", 192),
        ("online_dossier_rate", P, "", 2024, "", ">= 75", 208),
        ("online_dossier_rate", D, "", 2024, "", ">= 75", 215),
        ("online_dossier_rate", C, "", 2024, "", ">= 75", 222),
        ("result_sync_rate", A, "", 2024, "", ">= 100", 257),
        ("network_processing_rate", P, "", 2024, "", ">= 100", 273),
        ("network_processing_rate", D, "", 2024, "", ">= 98", 280),
        ("network_processing_rate", C, "", 2024, "", ">= 96", 287),
        ("business_regulation_update_rate", A, "", 2024, "", ">= 100", 297),
        ("electronic_result_rate", A, "", 2024, "", ">= 100", 318),
        ("certified_copy_rate", D, "", 2024, "", ">= 100", 327),
        ("certified_copy_rate", C, "", 2024, "", ">= 100", 327),
        ("data_reuse_rate", A, "", 2024, "", ">= 50", 336),
        ("hospital_fee_payment_rate", A, "", 2024, "", ">= 50", 345),
        ("procedure_publication_rate", A, "", 2024, "", ">= 100", 354),
        ("feedback_handling_rate", A, "", 2024, "", ">= 100", 372),
        ("satisfaction_rate", A, "", 2024, "", ">= 90", 381),
    },
    "hung-yen": {
        ("waiting_minutes", A, "", 2022, "", "<= 30", 91),
        *(("online_dossier_rate", A, "", year, "", ">= 50", 112) for year in STAGE),
        *(("electronic_circulation_rate", A, "", year, "", ">= 80", 114) for year in STAGE),
        *(("waiting_minutes", A, "", year, "", "<= 15", 119) for year in STAGE),
    },
    "ninh-binh": {
        *(("online_dossier_rate", A, "", year, "", ">= 50", 804) for year in STAGE),
        *(("electronic_circulation_rate", A, "", year, "", ">= 80", 808) for year in STAGE),
        ("satisfaction_rate", A, "", 2025, "", ">= 95", 1070),
        ("waiting_minutes", A, "", 2022, "", "<= 15", 1242),
        ("productivity", P, "", 2023, "", ">= 1600", 1263),
        ("productivity", D, "", 2023, "", ">= 1200", 1263),
        ("productivity", C, "", 2023, "", ">= 800", 1263),
    },
}
SIGNS = {"at_least": ">=", "more_than": ">", "at_most": "<="}
ELSEWHERE = {"digitization_rate", "rollout_rate", "reuse_rate"}


@pytest.mark.parametrize("plan_id", READ)
def test_every_other_number_of_the_text_is_there_and_nothing_else(plan_id):
    held = {
        (
            t.indicator,
            t.level,
            t.area,
            t.year,
            "" if (t.deadline.month, t.deadline.day) == (12, 31) else t.deadline.isoformat(),
            f"{SIGNS[t.comparator]} {t.value:g}",
            int(t.source.rpartition(":")[2]),
        )
        for t in load_plan(plan_id).targets
        if t.indicator not in ELSEWHERE
    }
    assert held == READ[plan_id]
