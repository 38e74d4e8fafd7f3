package org.isocentre.camel.dicom;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.IntStream;
import org.isocentre.dicom.association.AssociationRequestor.Proposal;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.dimse.Services;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who shares an association, and who does not. */
class AssociationPoolTest {
  private static final List<Proposal> ECHO =
      List.of(new Proposal(Uid.VERIFICATION, DicomProducer.NATIVE));
  private final Loopback loopback = new Loopback();
  private AssociationPool pool;

  @BeforeEach
  void start() throws Exception {
    loopback.from("in", "", e -> {});
    pool =
        new AssociationPool(
            loopback.context.getEndpoint(loopback.to("in", "maxOpsInvoked=8"), DicomEndpoint.class),
            Services.NONE);
  }

  @AfterEach
  void stop() {
    pool.close();
    loopback.close();
  }

  @Test
  void oneThatIsUsedAloneIsSharedOnlyAfterwards() {
    AssociationPool.Lease alone = pool.takeAlone(ECHO);
    AssociationPool.Lease other = pool.take(ECHO);
    assertThat(other).isNotSameAs(alone);
    assertThat(pool.take(ECHO)).as("the window has room").isSameAs(other);
    AssociationPool.Lease secondAlone = pool.takeAlone(ECHO);
    assertThat(secondAlone).isNotSameAs(alone).isNotSameAs(other);
    pool.give(alone);
    assertThat(pool.take(ECHO)).isSameAs(alone);
    assertThat(pool.take(ECHO)).isSameAs(alone);
  }

  @Test
  void moreThanFitsIsProposedOnce() {
    List<Proposal> many =
        IntStream.range(0, 200)
            .mapToObj(i -> new Proposal("1.2." + i, DicomProducer.NATIVE))
            .toList();
    AssociationPool.Lease first = pool.take(many);
    pool.give(first);
    assertThat(pool.take(many)).isSameAs(first);
  }

  @Test
  void noneIsMadeAfterItIsClosed() {
    pool.close();
    assertThatThrownBy(() -> pool.take(ECHO)).hasMessageContaining("ISO-DICOM-619");
  }
}
