package org.isocentre.camel.dicom;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.dimse.DataSetInfo;
import org.isocentre.dicom.dimse.DataSetSink;
import org.isocentre.dicom.dimse.ReceivedDataSet;
import org.isocentre.dicom.dimse.SpoolSink;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Memory of collections. */
class BudgetedSinksTest {
  private static final int EACH = 4 * 1024 * 1024;

  @TempDir Path directory;

  private long files() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.count();
    }
  }

  private static DataSetSink written(BudgetedSinks sinks) throws IOException {
    DataSetSink sink =
        sinks.open(
            new DataSetInfo(
                "PACS",
                "HUB",
                "",
                Uid.CT_IMAGE_STORAGE,
                "1.2.3",
                Uid.EXPLICIT_VR_LITTLE_ENDIAN,
                "",
                ""));
    sink.write(ByteBuffer.wrap(new byte[100]));
    return sink;
  }

  @Test
  void whatIsBeyondTheBudgetGoesToFilesUntilOthersAreClosed() throws IOException {
    BudgetedSinks sinks =
        new BudgetedSinks(
            SpoolSink.factory(EACH, directory), EACH, SpoolSink.factory(0, directory));
    List<ReceivedDataSet> held = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      held.add(written(sinks).complete());
    }
    assertThat(files()).isEqualTo(2);
    for (ReceivedDataSet object : held) {
      assertThat(object.openDataSet().readAllBytes()).hasSize(100);
    }
    held.get(0).close();
    held.get(0).close();
    written(sinks).abandon();
    held.add(written(sinks).complete());
    assertThat(files()).as("one place was left, once").isEqualTo(2);
    held.add(written(sinks).complete());
    assertThat(files()).isEqualTo(3);
    for (ReceivedDataSet object : held) {
      object.close();
    }
    assertThat(files()).isZero();
  }
}
