package org.isocentre.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.StringLength;
import org.isocentre.model.AuditEntry;
import org.isocentre.model.AuditOrigin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditChainTest {
  private static AuditEntry entry(String actor, String organisation, String detail) {
    return new AuditEntry(
        new UUID(1, 2),
        Instant.EPOCH,
        actor,
        organisation,
        "R",
        "read",
        "Patient",
        "x",
        new UUID(3, 4),
        true,
        detail);
  }

  /** Each part counts, and where it ends. */
  @Test
  void whateverIsChangedChangesTheHash() {
    AuditEntry e = entry("a", "b", "c");
    List<AuditEntry> changed = new ArrayList<>(List.of(e));
    changed.add(entry("ab", "", "c"));
    changed.add(entry("a", "bc", ""));
    changed.add(entry("a", "bc", null));
    changed.add(entry("a", null, "bc"));
    changed.add(
        new AuditEntry(
            new UUID(1, 3),
            e.at(),
            "a",
            "b",
            "R",
            "read",
            "Patient",
            "x",
            e.patientId(),
            true,
            "c"));
    changed.add(
        new AuditEntry(
            e.id(),
            e.at().plusNanos(1000),
            "a",
            "b",
            "R",
            "read",
            "Patient",
            "x",
            e.patientId(),
            true,
            "c"));
    changed.add(
        new AuditEntry(
            e.id(), e.at(), "a", "b", "U", "read", "Patient", "x", e.patientId(), true, "c"));
    changed.add(
        new AuditEntry(
            e.id(), e.at(), "a", "b", "R", "write", "Patient", "x", e.patientId(), true, "c"));
    changed.add(
        new AuditEntry(
            e.id(), e.at(), "a", "b", "R", "read", "Task", "x", e.patientId(), true, "c"));
    changed.add(
        new AuditEntry(
            e.id(), e.at(), "a", "b", "R", "read", "Patient", "y", e.patientId(), true, "c"));
    changed.add(
        new AuditEntry(e.id(), e.at(), "a", "b", "R", "read", "Patient", "x", null, true, "c"));
    changed.add(
        new AuditEntry(
            e.id(), e.at(), "a", "b", "R", "read", "Patient", "x", e.patientId(), false, "c"));
    for (AuditOrigin origin :
        List.of(
            new AuditOrigin("o", null, null, null),
            new AuditOrigin(null, "o", null, null),
            new AuditOrigin(null, null, "o", null),
            new AuditOrigin(null, null, null, "o"),
            new AuditOrigin("", null, null, null),
            new AuditOrigin("o", "o", null, null))) {
      changed.add(
          new AuditEntry(
              e.id(),
              e.at(),
              "a",
              "b",
              "R",
              "read",
              "Patient",
              "x",
              e.patientId(),
              true,
              "c",
              origin));
    }
    Set<String> hashes = new HashSet<>();
    changed.forEach(c -> hashes.add(AuditChain.hash(1, "p", List.of(c))));
    hashes.add(AuditChain.hash(2, "p", List.of(e)));
    hashes.add(AuditChain.hash(1, "q", List.of(e)));
    hashes.add(AuditChain.hash(1, "p", List.of()));
    hashes.add(AuditChain.hash(1, "p", List.of(e, e)));
    assertThat(hashes).hasSize(changed.size() + 4);
  }

  /** Chains that were sealed before rows had origins stay intact. */
  @Test
  void aRowWithoutAnOriginHasTheHashThatItAlwaysHad() {
    assertThat(AuditChain.hash(1, "p", List.of(entry("a", "b", "c"))))
        .isEqualTo("1cd7e32caa6acc9fb156f96c5a0593eec41e7538f5e27f89ce03fab125a38613");
  }

  @Property
  void partsAreNotConfused(
      @ForAll @StringLength(max = 6) String one, @ForAll @StringLength(max = 6) String other) {
    boolean same =
        AuditChain.hash(1, "", List.of(entry(one, other, null)))
            .equals(AuditChain.hash(1, "", List.of(entry(other, one, null))));
    assertThat(same).isEqualTo(one.equals(other));
  }

  @Test
  void theAnchorSaysWhatWasKeptLast(@TempDir Path directory) throws Exception {
    AuditAnchor anchor = new AuditAnchor(directory.resolve("anchor"));
    assertThat(anchor.kept()).isNull();
    anchor.keep(7, "ab");
    anchor.keep(8, "cd");
    assertThat(new AuditAnchor(directory.resolve("anchor")).kept())
        .isEqualTo(new AuditAnchor.Kept(8, "cd"));
    Files.writeString(directory.resolve("anchor"), "whatever");
    assertThatThrownBy(anchor::kept).hasMessageContaining("ISO-AUDIT-010");
  }
}
