package org.isocentre.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import org.isocentre.store.ObjectStore.StoredObject;
import org.junit.jupiter.api.Test;

class FileObjectStoreTest extends ObjectStoreContract {
  @Override
  ObjectStore open(long reserveBytes) throws IOException {
    return new FileObjectStore(root, reserveBytes, true);
  }

  @Test
  void whatWasUnfinishedIsForgottenAtTheNextStart() throws IOException {
    StoredObject kept = put("", "kept");
    Files.write(root.resolve("incoming").resolve("x.part"), bytes("half"));
    store = open(1024);
    assertThat(filesUnder("incoming")).isZero();
    assertThat(store.exists(kept.key())).isTrue();
  }
}
