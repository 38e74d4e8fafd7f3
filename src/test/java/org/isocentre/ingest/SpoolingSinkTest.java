package org.isocentre.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Path;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.dimse.DataSetInfo;
import org.isocentre.dicom.dimse.DimseStatusException;
import org.isocentre.dicom.dimse.Status;
import org.isocentre.store.FileObjectStore;
import org.isocentre.store.StoreFullException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpoolingSinkTest {
  @Test
  void aFullStoreIsToldAsSuchWhenAnObjectBegins(@TempDir Path directory) throws IOException {
    FileObjectStore full = new FileObjectStore(directory, Long.MAX_VALUE, false);
    DataSetInfo info =
        new DataSetInfo(
            "PACS",
            "ISOCENTRE",
            "127.0.0.1",
            Uid.CT_IMAGE_STORAGE,
            "1.2.3",
            Uid.EXPLICIT_VR_LITTLE_ENDIAN,
            "1.2.3.4",
            "TEST");
    DimseStatusException told =
        catchThrowableOfType(DimseStatusException.class, () -> new SpoolingSink(full, info));
    assertThat(told.status()).isEqualTo(Status.OUT_OF_RESOURCES);
    assertThat(told).hasMessage("the store is full").hasCauseInstanceOf(StoreFullException.class);
  }
}
