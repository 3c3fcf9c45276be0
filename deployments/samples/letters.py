"""A private letter: a paper of no type that the catalogue knows."""

from __future__ import annotations

from deployments.samples.fonts import Style
from deployments.samples.layout import Setting
from deployments.samples.people import draw_name
from deployments.samples.sheet import Sheet
from deployments.samples.truth import Fields


def private_letter(sheet: Sheet, setting: Setting) -> Fields:
    """A letter with a shopping list, in slanted letters; it has none of the fields."""
    rng = setting.rng
    writer = draw_name(rng, female=True)
    reader = draw_name(rng, female=False).split(" ")[-1]
    lines = (
        f"Anh {reader} ơi,",
        "Chiều nay em bận họp phụ huynh cho cháu, anh đi chợ giúp em nhé.",
        f"Nhớ mua: {rng.randrange(2, 6)} cân gạo, một chai nước mắm, hai mớ rau muống, ít cà chua,",
        f"thịt ba chỉ {rng.randrange(3, 9)} lạng, hành, tỏi và một gói bột giặt.",
        "Tiền em để trong ngăn kéo bàn. Còn thừa thì mua cho cháu quyển vở ô li.",
        "Tối cả nhà sang ông bà ngoại ăn cơm, anh về sớm kẻo ông bà mong.",
        f"Em {writer.split(' ')[-1]}",
    )
    sheet.y += 40
    for line in lines:
        sheet.paragraph(
            line,
            size=rng.uniform(17, 18),
            style=Style.ITALIC,
            align="left",
            indent=rng.uniform(0, 14),
            after=rng.uniform(10, 16),
        )
    return Fields()
