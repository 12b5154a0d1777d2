"""A csv of images as studies: what it may leave out, and how its faults are told."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sfvisuals.capture import read_manifest
from sfvisuals.capture.manifest import parse_manifest
from sfvisuals.capture.parts import Part
from sfvisuals.capture.reading import Reader
from sfvisuals.capture.records import Preprocessing
from sfvisuals.errors import CaptureError
from sfvisuals.types import StudyKind

Write = Callable[..., Path]
HEADER = "image,label,study,patient"


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a csv and an image for each `*.png` in it."""

    def made(*rows: str, header: str = HEADER, without: Sequence[str] = ()) -> Path:
        (tmp_path / "images").mkdir(exist_ok=True)
        for row in rows:
            name = row.split(",")[0]
            if name.endswith(".png") and name not in without:
                Image.fromarray(np.zeros((4, 5, 3), np.uint8)).save(tmp_path / "images" / name)
        file = tmp_path / "images.csv"
        file.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        return file

    return made


def parsed(file: Path, **options: object) -> object:
    return parse_manifest(file, data_roots=[file.parent / "images"], **options)  # type: ignore[arg-type]


def test_studies_come_in_the_order_of_the_csv_with_their_rows(write: Write, tmp_path: Path) -> None:
    file = write("a.png,mole,test,p1", "b.png,melanoma,train,p2", "c.png,melanoma,test,p3", "d.png,mole,B,p4")
    studies = read_manifest(file, data_roots=[tmp_path / "images"], studies={"B": "acquisition"})
    assert [(s.name, s.kind) for s in studies] == [
        ("test", StudyKind.IID),
        ("train", StudyKind.TRAIN),
        ("B", StudyKind.ACQUISITION),
    ]
    assert studies[0].samples.to_dict("list") == {
        "label": [1, 0],
        "image": ["a.png", "c.png"],
        "patient": ["p1", "p3"],
    }
    assert studies[0].images[1].shape == (4, 5, 3)


def test_class_names_are_those_given_or_those_of_the_csv_sorted(write: Write) -> None:
    file = write("a.png,mole,test,", "b.png,melanoma,test,")
    assert parsed(file).classes == ("melanoma", "mole")
    given = parsed(file, classes=["mole", "melanoma"])
    assert given.classes == ("mole", "melanoma")
    assert given.studies[0].samples["label"].tolist() == [0, 1]


def test_labels_may_be_numbers(write: Write) -> None:
    file = write("a.png,2,test,", "b.png,0,test,")
    assert parsed(file).classes == ("0", "1", "2")
    assert parsed(file, classes=["x", "y", "z"]).studies[0].samples["label"].tolist() == [2, 0]


def test_a_column_may_give_the_kinds(write: Write) -> None:
    file = write("a.png,x,Clinic,iid", "b.png,y,Other,manifestation", header="image,label,study,kind")
    assert [s.kind for s in parsed(file).studies] == [StudyKind.IID, StudyKind.MANIFESTATION]
    assert "kind" not in parsed(file).studies[0].samples


def test_labels_of_a_new_class_are_numbered_after_the_classes(write: Write) -> None:
    file = write("a.png,x,test,", "b.png,y,test,", "c.png,wart,new,", "d.png,cyst,new,", "e.png,wart,new,")
    found = parsed(file, studies={"new": "new_class"})
    assert found.classes == ("x", "y")
    assert found.studies[1].samples["label"].tolist() == [2, 3, 2]


def test_metadata_of_numbers_become_numbers_and_codes_stay_text(write: Write) -> None:
    file = write(
        "a.png,x,test,61,007,", "b.png,y,test,,012,left", header="image,label,study,age,patient,side"
    )
    samples = parsed(file).studies[0].samples
    assert samples["age"].iloc[0] == 61
    assert np.isnan(samples["age"].iloc[1])
    assert samples["patient"].tolist() == ["007", "012"]
    assert samples["side"].isna().tolist() == [True, False]


FAULTS = [
    (["a.png,x,test,"], {"header": "image,klass,study,patient"}, {}, r"lacks the column 'label'"),
    (["a.png,x,test,", "b.png,,test,"], {}, {}, r"empty label in row 3"),
    (["a.png,x,test,", "b.png,q,test,"], {}, {"classes": ["x", "y"]}, r"unknown label in row 3"),
    (["a.png,0,test,", "b.png,2,test,"], {}, {"classes": ["x", "y"]}, r"unknown label in row 3"),
    (["a.png,x,test,"], {}, {"studies": {"val": "validation"}}, r"study 'val' is empty"),
    (["a.png,x,test,", "b.png,y,clinic,"], {}, {}, r"kind of the study 'clinic' is unknown"),
    (["a.png,x,test,"], {}, {"studies": {"test": "far"}}, r"kind of the study 'test' is 'far'"),
    (["a.png,x,test,", "b.png,y,test,"], {"without": ["b.png"]}, {}, r"1 images of images.csv are not found"),
    (["a.png,x,test,", "a.png,y,test,"], {}, {}, r"repeats an image in row 3"),
    (["a.png,x,test,"], {}, {"group": "lesion"}, r"lacks the group column 'lesion'"),
    (["a.png,x,A,iid", "b.png,x,A,train"], {"header": "image,label,study,kind"}, {}, r"several kinds"),
    ([], {}, {}, r"has no rows"),
]


@pytest.mark.parametrize(("rows", "written", "options", "words"), FAULTS, ids=[f[-1] for f in FAULTS])
def test_a_fault_is_told_with_file_and_row(
    rows: list[str], written: dict[str, object], options: dict[str, object], words: str, write: Write
) -> None:
    with pytest.raises(CaptureError, match=words):
        parsed(write(*rows, **written), **options)


def test_an_unknown_kind_lists_the_kinds_and_the_row(write: Write) -> None:
    with pytest.raises(CaptureError) as caught:
        parsed(write("a.png,x,test,", "b.png,y,clinic,"))
    assert "row 3" in caught.value.detail
    assert "acquisition, manifestation" in caught.value.detail


def test_missing_images_are_counted_and_the_first_ones_named(write: Write) -> None:
    names = [f"{i}.png" for i in range(9)]
    file = write(*[f"{name},x,test," for name in names], without=names[1:])
    with pytest.raises(CaptureError, match="8 images") as caught:
        parsed(file)
    assert caught.value.detail.startswith("row 3 '1.png'; row 4 '2.png'; row 5 '3.png'")
    assert "'6.png'" not in caught.value.detail


def test_a_file_that_is_no_image_is_told_with_its_row(write: Write, tmp_path: Path) -> None:
    file = write("a.png,x,test,", "b.png,y,test,")
    (tmp_path / "images" / "b.png").write_bytes(b"no image")
    with pytest.raises(CaptureError, match="no image in row 3"):
        parsed(file)


def test_training_images_and_patients_among_the_test_images_are_a_warning(
    write: Write, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = write("a.png,x,train,p1", "b.png,y,train,p2", "a.png,x,test,p1", "c.png,y,test,p2")
    found = parsed(file, group="patient")
    assert len(found.warnings) == 2
    assert found.warnings[0].startswith("1 images of the training study are in test studies too")
    assert "'a.png' of 'test' in row 4" in found.warnings[0]
    assert found.warnings[1].startswith("2 values of 'patient'")
    read_manifest(file, data_roots=[tmp_path / "images"])
    assert capsys.readouterr().err.startswith("warning: 1 images")


def test_images_are_found_beside_the_csv_without_a_data_root(write: Write, tmp_path: Path) -> None:
    write("a.png,x,test,")
    file = tmp_path / "images.csv"
    file.write_text("image,label,study\nimages/a.png,x,test\n", encoding="utf-8-sig")
    assert len(read_manifest(file)[0].samples) == 1


def test_an_image_twice_is_found_however_its_path_is_written(write: Write, tmp_path: Path) -> None:
    file = write("a.png,x,test,", "b.png,y,test,", "./a.png,x,test,")
    with pytest.raises(CaptureError, match="repeats an image in row 4") as caught:
        parsed(file)
    assert caught.value.detail == "'./a.png' of study 'test' is in row 2 already, as 'a.png'."


def test_a_training_image_among_the_test_images_is_found_however_its_path_is_written(
    write: Write, tmp_path: Path
) -> None:
    file = write("a.png,x,train,", "b.png,y,test,", f"{tmp_path}/images/a.png,x,test,")
    assert "in row 4" in parsed(file).warnings[0]


@pytest.mark.parametrize("size", [(8001, 8000), (10000, 10000)])
def test_an_image_that_is_too_large_is_told_from_its_header(
    write: Write, tmp_path: Path, size: tuple[int, int]
) -> None:
    file = write("a.png,x,test,", "b.png,y,test,")
    Image.new("1", size).save(tmp_path / "images" / "b.png")
    with pytest.raises(CaptureError, match="too large in row 3") as caught:
        parsed(file)
    assert f"{size[0]} x {size[1]} pixels" in caught.value.detail


def test_a_file_that_is_cut_off_is_named_with_its_row_in_the_csv(write: Write, tmp_path: Path) -> None:
    file = write("a.png,x,train,", "b.png,y,test,", "c.png,x,test,")
    damaged = tmp_path / "images" / "c.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8)).save(damaged)
    damaged.write_bytes(damaged.read_bytes()[:2000])
    study = read_manifest(file, data_roots=[tmp_path / "images"])[1]
    reader = Reader([Part("test", 0, study.images, np.arange(2), np.array([1, 0]))], Preprocessing())
    error = reader[1]
    assert isinstance(error, CaptureError)
    assert error.title == "The image of row 1 of study 'test' (row 4 of images.csv) cannot be read"
    assert error.detail.startswith(f"{damaged.resolve()}: ")


@pytest.mark.parametrize(
    ("header", "rows", "title", "detail"),
    [
        ("image,label,study", ["a.png,x,test,"], "more cells in its rows", "has 3 names, row 2 has 4 cells"),
        ("image,label,study,label", ["a.png,x,test,y"], "two columns of the same name", "'label'"),
        ("image,label,study, label", ["a.png,x,test,y"], "two columns of the same name", "'label'"),
        ("image;label;study", ["a.png;x;test"], "semicolons instead of commas", "'image;label;study'"),
        ("image\tlabel\tstudy", ["a.png\tx\ttest"], "tabs instead of commas", "image"),
    ],
)
def test_a_csv_of_another_shape_says_what_is_expected(
    write: Write, header: str, rows: list[str], title: str, detail: str
) -> None:
    with pytest.raises(CaptureError, match=title) as caught:
        parsed(write(*rows, header=header))
    assert detail in caught.value.detail


def test_cells_that_a_row_lacks_are_empty(write: Write) -> None:
    file = write("a.png,x,test,p1", "b.png,y,test")
    assert parsed(file).studies[0].samples["patient"].isna().tolist() == [False, True]
    with pytest.raises(CaptureError, match="empty study in row 3"):
        parsed(write("a.png,x,test,p1", "b.png,y"))


def test_a_number_that_can_be_no_class_is_told_with_its_row(write: Write) -> None:
    assert len(parsed(write("a.png,0,test,", "b.png,9999,test,")).classes) == 10_000
    with pytest.raises(CaptureError, match="no number of a class in row 3") as caught:
        parsed(write("a.png,0,test,", "b.png,999999999,test,"))
    assert "1,000,000,000 classes; at most 10,000" in caught.value.detail


def test_a_data_root_that_is_no_folder_is_named(write: Write, tmp_path: Path) -> None:
    file = write("a.png,x,test,")
    with pytest.raises(CaptureError, match="nowhere is not there"):
        parse_manifest(file, data_roots=[tmp_path / "images", tmp_path / "nowhere"])
    with pytest.raises(CaptureError, match=r"images.csv is no folder"):
        parse_manifest(file, data_roots=[file])


def test_a_path_with_two_dots_or_backslashes_says_that_it_is_refused(write: Write) -> None:
    with pytest.raises(CaptureError, match="not found") as caught:
        parsed(write("a.png,x,test,", "../images/a.png,x,test,", without=["../images/a.png"]))
    assert "A path with '..' in it is refused" in caught.value.detail
    with pytest.raises(CaptureError, match="not found") as caught:
        parsed(write("a.png,x,test,", "b\\a.png,x,test,", without=["b\\a.png"]))
    assert "written with / and not" in caught.value.detail


def test_columns_with_the_names_of_the_format_are_told_when_the_csv_is_read(write: Write) -> None:
    header = "image,label,study,kind,severity,corruption"
    rows = ["a.png,x,test,iid,,", "b.png,y,dark,corruption,2,fog"]
    samples = parsed(write(*rows, header=header)).studies[1].samples
    assert (samples["severity"].tolist(), samples["corruption"].tolist()) == ([2], ["fog"])
    with pytest.raises(CaptureError, match="study 'test' has columns whose names are taken: severity"):
        parsed(write("a.png,x,test,iid,mild,", *rows[1:], header=header))


def test_a_tiff_that_pillow_does_not_know_is_told_to_be_too_large_from_its_header(
    write: Write, tmp_path: Path
) -> None:
    file = write("a.png,x,test,", "b.png,y,test,")
    # Two channels of 16 bits, which Pillow does not know; 40,000 x 30,000 pixels, of which none is there.
    entries = [(256, 4, 1, 40_000), (257, 4, 1, 30_000), (258, 3, 2, 16 | 16 << 16), (259, 3, 1, 1)]
    entries += [(262, 3, 1, 1), (273, 4, 1, 8), (277, 3, 1, 2), (278, 4, 1, 30_000), (279, 4, 1, 8)]
    directory = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *entry) for entry in entries)
    (tmp_path / "images" / "b.png").write_bytes(b"II*\0" + struct.pack("<I", 8) + directory + bytes(4))
    with pytest.raises(CaptureError, match="too large in row 3") as caught:
        parsed(file)
    assert "40000 x 30000 pixels" in caught.value.detail


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_named_with_what_to_do(write: Write, encoding: str) -> None:
    file = write("a.png,x,test,")
    file.write_text(file.read_text(encoding="utf-8"), encoding=encoding)
    with pytest.raises(CaptureError, match="is written in UTF-16") as caught:
        parsed(file)
    assert "CSV UTF-8" in caught.value.hint
