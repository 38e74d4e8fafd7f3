package org.isocentre.dicom.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.isocentre.dicom.Fuzz;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Dictionary;
import org.isocentre.dicom.data.Element;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.TransferSyntax;
import org.isocentre.dicom.data.Vr;
import org.junit.jupiter.api.Test;

/** Objects in every transfer syntax, made wrong. */
class DataSetReaderFuzzTest {
  private static final ReaderLimits LIMITS = new ReaderLimits(8, 2000, 64 * 1024, 1 << 20, 100);

  private static byte[] object(TransferSyntax syntax) throws IOException {
    DataSet set =
        new DataSet()
            .set(Tag.SpecificCharacterSet, "ISO 2022 IR 6", "ISO 2022 IR 87")
            .set(Tag.SOPInstanceUID, "2.25.1")
            .set(Tag.PatientName, "TEST^CASE")
            .set(Tag.Rows, "16")
            .set(Tag.FrameIncrementPointer, "00181063");
    DataSet item = set.addItem(Tag.ReferencedSeriesSequence).set(Tag.Modality, "CT");
    item.addItem(Tag.ReferencedSOPSequence).set(Tag.ReferencedSOPInstanceUID, "2.25.2");
    set.put(new Element.Value(0x00091001, Vr.UN, new byte[] {1, 2, 3, 4}));
    if (!syntax.encapsulated()) {
      set.put(new Element.Value(Tag.PixelData, Vr.OW, new byte[512]));
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new DataSetWriter(out, syntax, DataSetWriter.BulkSource.NONE).write(set);
    if (syntax.encapsulated()) {
      out.writeBytes(encapsulated());
    }
    return out.toByteArray();
  }

  private static byte[] encapsulated() {
    ByteBuffer out = ByteBuffer.allocate(136).order(ByteOrder.LITTLE_ENDIAN);
    out.putShort((short) 0x7fe0).putShort((short) 0x0010).put(new byte[] {'O', 'B', 0, 0});
    out.putInt(-1);
    out.putShort((short) 0xfffe).putShort((short) 0xe000).putInt(0);
    out.putShort((short) 0xfffe).putShort((short) 0xe000).putInt(100).put(new byte[100]);
    out.putShort((short) 0xfffe).putShort((short) 0xe0dd).putInt(0);
    return out.array();
  }

  @Test
  void nothingButAParseFaultComesOfAWrongObject() throws Exception {
    List<TransferSyntax> syntaxes =
        Dictionary.uids("Transfer Syntax").stream()
            .map(entry -> TransferSyntax.of(entry.uid()))
            .toList();
    assertThat(syntaxes).hasSizeGreaterThan(40);
    List<byte[]> valid = new java.util.ArrayList<>();
    for (TransferSyntax syntax : syntaxes) {
      valid.add(object(syntax));
    }
    Fuzz.run(
        64 << 20,
        random -> {
          int which = random.nextInt(syntaxes.size());
          byte[] bytes = Fuzz.mutated(valid.get(which), random);
          try {
            DataSet set =
                new DataSetReader(new ByteArrayInputStream(bytes), syntaxes.get(which), LIMITS)
                    .read();
            assertThat(set.size()).isLessThanOrEqualTo(2000);
            visit(set);
          } catch (IOException e) {
            assertThat(e).isNotNull();
          }
        });
  }

  /** Every value can be looked at, however wrong it is. */
  private static void visit(DataSet set) {
    for (Element element : set.elements()) {
      if (element instanceof Element.Sequence sequence) {
        sequence.items().forEach(DataSetReaderFuzzTest::visit);
      } else {
        set.strings(element.tag());
        set.integer(element.tag());
        assertThat(element.toString()).isNotEmpty();
      }
    }
  }
}
