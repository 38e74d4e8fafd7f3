package org.isocentre.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.isocentre.dicom.association.AssociationException;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.dimse.ServiceUser;
import org.isocentre.it.Pacs.About;
import org.isocentre.it.Pacs.Image;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Nothing acknowledged is lost: the hub is killed at random moments while objects and messages
 * stream in. More kills: {@code -Disocentre.kills=30}.
 */
class KillIT {
  private static final int KILLS = Integer.getInteger("isocentre.kills", 3);
  private static final int IMAGES_PER_STUDY = 4;
  private static final String BORN = "19740213";
  @TempDir Path data;
  private final Map<String, Image> acknowledged = new ConcurrentHashMap<>();
  private final Map<String, Image> sent = new ConcurrentHashMap<>();
  private final Map<String, About> abouts = new ConcurrentHashMap<>();
  private final Set<String> orders = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean streaming = new AtomicBoolean();

  @Test
  void whatWasAcknowledgedIsStoredIndexedLinkedAndForwardedOnceWhateverDied() throws Exception {
    long seed = Long.getLong("isocentre.seed", System.nanoTime());
    Random random = new Random(seed);
    try (Pacs rj1 = new Pacs();
        Pacs rth = new Pacs();
        TestHub hub = new TestHub(data, rj1.listen(0))) {
      for (int kill = 0; kill < KILLS; kill++) {
        hub.startProcess();
        streaming.set(true);
        List<Thread> senders =
            List.of(start(() -> sendStudies(hub, rth)), start(() -> sendStudies(hub, rth)));
        int before = acknowledged.size();
        await().atMost(Duration.ofSeconds(30)).until(() -> acknowledged.size() > before + 5);
        LockSupport.parkNanos(Duration.ofMillis(random.nextInt(1500)).toNanos());
        hub.kill();
        streaming.set(false);
        for (Thread sender : senders) {
          sender.join(60_000);
        }
      }
      hub.startProcess();
      verify(hub, rj1, "seed " + seed);
    }
  }

  private static Thread start(Runnable work) {
    Thread thread = new Thread(work, "sender");
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private void sendStudies(TestHub hub, Pacs rth) {
    while (streaming.get()) {
      About about =
          new About(MainJobIT.nhsNumber(), BORN, "KILL" + Long.toString(System.nanoTime(), 36));
      try {
        sendOrder(hub, about);
        sendStudy(hub, rth, about);
      } catch (IOException | AssociationException e) {
        // The hub was killed: what got no answer counts for nothing.
        LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private void sendOrder(TestHub hub, About about) throws IOException {
    String answer = new Ris(hub.mllp).send(Ris.order(about.patientId(), BORN, about.accession()));
    if (Ris.code(answer).equals("AA")) {
      orders.add(about.accession());
    }
  }

  private void sendStudy(TestHub hub, Pacs rth, About about) throws Exception {
    String study = Uid.random();
    String series = Uid.random();
    abouts.put(study, about);
    try (ServiceUser user = rth.connect(hub.dicom, "RTHPACS")) {
      for (int i = 0; i < IMAGES_PER_STUDY && streaming.get(); i++) {
        Image image = Pacs.image(study, series, Uid.random(), about, 128, System.nanoTime());
        sent.put(image.uid(), image);
        if (Pacs.store(user, image) == 0) {
          acknowledged.put(image.uid(), image);
        }
      }
    }
  }

  private void verify(TestHub hub, Pacs rj1, String seed) throws Exception {
    assertThat(acknowledged).as(seed).isNotEmpty();
    assertThat(orders).as(seed).isNotEmpty();
    Map<String, List<Image>> byStudy = new HashMap<>();
    acknowledged
        .values()
        .forEach(i -> byStudy.computeIfAbsent(i.study(), k -> new ArrayList<>()).add(i));
    for (var study : byStudy.entrySet()) {
      boolean ordered = orders.contains(abouts.get(study.getKey()).accession());
      JsonNode found =
          await(seed)
              .atMost(Duration.ofSeconds(90))
              .until(
                  () -> hub.study(study.getKey()),
                  l ->
                      l.size() == 1
                          && l.get(0).path("numberOfInstances").asInt() >= study.getValue().size()
                          && (!ordered || isLinked(l.get(0))))
              .get(0);
      Set<String> shown = instances(hub, found);
      assertThat(shown).as(seed).containsAll(study.getValue().stream().map(Image::uid).toList());
      assertWhole(hub, study.getKey(), shown, seed);
      if (ordered) {
        assertForwardedOnce(hub, rj1, found, shown, seed);
      }
    }
    assertThat(hub.json("/api/reviews?limit=1000", hub.system())).as(seed).isEmpty();
    orders.forEach(accession -> assertJourneyOnce(hub, accession, seed));
  }

  /** One message with one journey, whenever the hub died. */
  private static void assertJourneyOnce(TestHub hub, String accession, String seed) {
    String token = hub.token(Map.of("roles", "integration"));
    JsonNode messages =
        await(seed)
            .atMost(Duration.ofSeconds(60))
            .until(
                () -> hub.json("/api/messages?accession=" + accession, token).path("messages"),
                found -> found.size() == 1 && found.at("/0/state").asText().equals("FILED"));
    List<String> steps = new ArrayList<>();
    hub.json("/api/messages/" + messages.at("/0/id").asText(), token)
        .path("steps")
        .forEach(step -> steps.add(step.path("step").asText()));
    assertThat(steps).as(seed).startsWith("RECEIVED", "ACKNOWLEDGED").contains("MAPPED", "FILED");
    assertThat(steps).as(seed).containsOnlyOnce("RECEIVED", "ACKNOWLEDGED");
  }

  private static boolean isLinked(JsonNode study) {
    return study.path("basedOn").size() == 1 && study.at("/basedOn/0").has("reference");
  }

  private static Set<String> instances(TestHub hub, JsonNode study) {
    Set<String> uids = new HashSet<>();
    JsonNode whole = hub.json("/fhir/ImagingStudy/" + study.path("id").asText(), hub.system());
    whole
        .path("series")
        .forEach(s -> s.path("instance").forEach(i -> uids.add(i.path("uid").asText())));
    return uids;
  }

  /** Whatever a reader sees, acknowledged or not, is what was sent, bit for bit. */
  private void assertWhole(TestHub hub, String study, Set<String> shown, String seed)
      throws Exception {
    for (String uid : shown) {
      Image image = sent.get(uid);
      HttpResponse<byte[]> answer =
          hub.get(
              "/dicomweb/studies/" + study + "/series/" + image.series() + "/instances/" + uid,
              hub.system());
      assertThat(answer.statusCode()).as(seed).isEqualTo(200);
      byte[] body = answer.body();
      byte[] want = image.dataSet();
      int end = lastIndexOf(body, "\r\n--");
      assertThat(Arrays.equals(body, end - want.length, end, want, 0, want.length))
          .as(seed)
          .isTrue();
    }
  }

  private static int lastIndexOf(byte[] body, String marker) {
    byte[] m = marker.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    for (int i = body.length - m.length; i >= 0; i--) {
      if (Arrays.equals(body, i, i + m.length, m, 0, m.length)) {
        return i;
      }
    }
    throw new AssertionError("no closing boundary");
  }

  private void assertForwardedOnce(
      TestHub hub, Pacs rj1, JsonNode study, Set<String> shown, String seed) {
    JsonNode task =
        await(seed)
            .atMost(Duration.ofSeconds(60))
            .until(
                () ->
                    hub.search(
                        "Task?focus=ImagingStudy/" + study.path("id").asText(), hub.system()),
                l -> l.size() == 1 && l.get(0).path("status").asText().equals("completed"))
            .get(0);
    JsonNode transfer = hub.json("/api/transfers/" + task.path("id").asText(), hub.system());
    assertThat(transfer.path("expected").asInt()).as(seed).isEqualTo(shown.size());
    assertThat(transfer.path("confirmed").asInt()).as(seed).isEqualTo(shown.size());
    for (String uid : shown) {
      assertThat(rj1.received.get(uid)).as(seed).isEqualTo(sent.get(uid).dataSet());
    }
  }
}
