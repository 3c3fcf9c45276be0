"""Sentences of which administrative documents are made.

`{topic}` is a theme, `{area}` a province, district or commune, `{year}` a year, `{n}` and
`{m}` plausible figures.
"""

from __future__ import annotations

TOPICS = (
    "số hóa hồ sơ, kết quả giải quyết thủ tục hành chính",
    "phòng, chống thiên tai và tìm kiếm cứu nạn",
    "cải cách hành chính nhà nước",
    "bảo đảm an toàn thực phẩm",
    "chuyển đổi số trong hoạt động của cơ quan nhà nước",
    "phòng cháy, chữa cháy tại khu dân cư",
    "cấp nước sạch nông thôn",
    "quản lý trật tự xây dựng, đất đai",
    "chăm sóc, bảo vệ trẻ em",
    "phát triển du lịch cộng đồng",
    "thu gom, xử lý chất thải rắn sinh hoạt",
    "hỗ trợ hộ kinh doanh chuyển đổi thành doanh nghiệp",
)

BASES = (
    "Căn cứ Luật Tổ chức chính quyền địa phương;",
    "Căn cứ Luật Giao dịch điện tử ngày 22 tháng 6 năm 2023;",
    "Căn cứ Luật Ngân sách nhà nước ngày 25 tháng 6 năm 2015;",
    "Căn cứ Nghị định số 30/2020/NĐ-CP ngày 05 tháng 3 năm 2020 của Chính phủ về công tác văn thư;",
    (
        "Căn cứ Nghị định số 45/2020/NĐ-CP ngày 08 tháng 4 năm 2020 của Chính phủ về thực hiện thủ"
        " tục hành chính trên môi trường điện tử;"
    ),
    (
        "Căn cứ Thông tư số 01/2023/TT-VPCP ngày 05 tháng 4 năm 2023 của Bộ trưởng, Chủ nhiệm"
        " Văn phòng Chính phủ;"
    ),
)

TASKS = (
    (
        "Tổ chức quán triệt, phổ biến đầy đủ các quy định về {topic} đến toàn thể cán bộ, công"
        " chức, viên chức và người lao động; hoàn thành trong quý II năm {year}."
    ),
    (
        "Rà soát, thống kê, phân loại các nội dung liên quan đến {topic} theo từng lĩnh vực; lập"
        " danh mục cụ thể, xác định rõ cơ quan chủ trì, cơ quan phối hợp và thời hạn hoàn thành."
    ),
    (
        "Bố trí {n} công chức làm đầu mối theo dõi, đôn đốc; bảo đảm mỗi cơ quan, đơn vị có ít nhất"
        " một người chịu trách nhiệm chính và một người dự phòng khi vắng mặt."
    ),
    (
        "Đầu tư, nâng cấp máy quét, máy tính, đường truyền và các trang thiết bị cần thiết khác; ưu"
        " tiên các địa bàn vùng sâu, vùng xa còn nhiều khó khăn về hạ tầng."
    ),
    (
        "Phấn đấu đến hết năm {year} đạt tối thiểu {m}% chỉ tiêu được giao; mỗi quý tăng thêm ít"
        " nhất 5% so với quý liền kề trước đó, không để dồn việc vào cuối năm."
    ),
    (
        "Tăng cường công tác thông tin, tuyên truyền trên hệ thống truyền thanh cơ sở, cổng thông"
        " tin điện tử và mạng xã hội để người dân, doanh nghiệp biết, tham gia và giám sát."
    ),
    (
        "Thường xuyên kiểm tra, giám sát việc thực hiện; kịp thời phát hiện, chấn chỉnh những hạn"
        " chế, thiếu sót; xử lý nghiêm tổ chức, cá nhân vi phạm theo quy định của pháp luật."
    ),
    (
        "Phối hợp chặt chẽ với Mặt trận Tổ quốc và các tổ chức chính trị - xã hội vận động Nhân dân"
        " hưởng ứng, chủ động thực hiện {topic} ngay tại gia đình và khu dân cư."
    ),
    (
        "Tổng hợp kết quả thực hiện, báo cáo trước ngày 15 của tháng cuối mỗi quý; nội dung báo cáo"
        " phải nêu rõ số liệu, khó khăn, vướng mắc và kiến nghị giải pháp tháo gỡ."
    ),
    (
        "Cân đối, bố trí kinh phí từ nguồn ngân sách địa phương và các nguồn huy động hợp pháp"
        " khác; dự kiến tổng kinh phí thực hiện là {n}.{m}0 triệu đồng."
    ),
    (
        "Mở {n} lớp tập huấn nghiệp vụ cho khoảng {m} lượt người; tài liệu tập huấn do cơ quan"
        " chuyên môn biên soạn, cập nhật theo các văn bản quy phạm pháp luật mới ban hành."
    ),
    (
        "Công khai số điện thoại đường dây nóng, tiếp nhận và trả lời phản ánh, kiến nghị của người"
        " dân trong thời hạn không quá 05 ngày làm việc kể từ ngày nhận được."
    ),
    (
        "Không yêu cầu tổ chức, cá nhân nộp lại giấy tờ đã có trong kho quản lý dữ liệu điện tử;"
        " khai thác, sử dụng lại thông tin theo đúng quy định về bảo vệ dữ liệu cá nhân."
    ),
    (
        "Khen thưởng kịp thời các tập thể, cá nhân có thành tích xuất sắc; đưa kết quả thực hiện"
        " vào tiêu chí đánh giá, xếp loại chất lượng cuối năm của người đứng đầu."
    ),
    (
        "Xây dựng phương án dự phòng, sao lưu dữ liệu định kỳ hằng tuần; tổ chức diễn tập ứng phó"
        " sự cố ít nhất {n} lần trong năm, có biên bản và rút kinh nghiệm sau mỗi lần."
    ),
    (
        "Đánh giá tác động đối với người dân và doanh nghiệp trên địa bàn {area}; lấy ý kiến của"
        " các thôn, tổ dân phố trước khi triển khai diện rộng."
    ),
    (
        "Chủ động nghiên cứu kinh nghiệm, cách làm hay của các địa phương khác về {topic} để vận"
        " dụng phù hợp với điều kiện thực tế của {area}."
    ),
    (
        "Lồng ghép các nội dung về {topic} vào chương trình công tác, sinh hoạt của chi bộ, tổ dân"
        " phố và các đoàn thể; bình quân mỗi tháng tổ chức {n} buổi."
    ),
)

RESULTS = (
    (
        "Đã ban hành {n} văn bản chỉ đạo, hướng dẫn về {topic}; tổ chức {m} cuộc họp, hội nghị"
        " chuyên đề để kiểm điểm tiến độ và tháo gỡ vướng mắc cho cơ sở."
    ),
    (
        "Trong kỳ, toàn địa bàn đã tiếp nhận {m}5 hồ sơ, giải quyết đúng hạn {m}2 hồ sơ, đạt tỷ lệ"
        " 9{n}%; số hồ sơ quá hạn giảm so với cùng kỳ năm trước."
    ),
    (
        "Đã kiểm tra {m} cơ sở, nhắc nhở {n} trường hợp có thiếu sót; các tồn tại cơ bản được khắc"
        " phục ngay trong quá trình kiểm tra, không có trường hợp nào phải xử phạt."
    ),
    (
        "Cơ sở vật chất tiếp tục được quan tâm; đã trang bị thêm {n} máy quét và {m} máy tính phục"
        " vụ công tác tiếp nhận, số hóa giấy tờ tại Bộ phận Một cửa."
    ),
    (
        "Công tác tuyên truyền được đẩy mạnh với {m} tin, bài; nhận thức của cán bộ và Nhân dân về"
        " {topic} có chuyển biến rõ nét."
    ),
    (
        "Bên cạnh kết quả đạt được, tiến độ ở một số đơn vị còn chậm; nhân lực mỏng, phải kiêm"
        " nhiệm nhiều việc; kinh phí bố trí chưa kịp thời so với yêu cầu."
    ),
    (
        "Nguyên nhân chủ yếu là do khối lượng công việc lớn, quy định mới ban hành cần thời gian"
        " nghiên cứu, áp dụng; sự phối hợp giữa một số cơ quan có lúc chưa chặt chẽ."
    ),
)

RECEIVERS = (
    ("- Như trên;", "- Chủ tịch, các Phó Chủ tịch;", "- Các phòng chuyên môn;"),
    ("- Thường trực HĐND;", "- Các cơ quan, đơn vị;", "- Cổng thông tin điện tử;"),
    ("- Như Điều cuối;", "- Ban Thường trực UBMTTQ;", "- Trung tâm Phục vụ HCC;"),
)
