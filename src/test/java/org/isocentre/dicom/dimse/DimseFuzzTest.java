package org.isocentre.dicom.dimse;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.isocentre.dicom.Fuzz;
import org.isocentre.dicom.association.Association;
import org.isocentre.dicom.association.AssociationException;
import org.isocentre.dicom.association.PresentationContext;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.dimse.NormalizedRequest.Operation;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Command sets and message fragments of every kind of peer. */
class DimseFuzzTest {
  private static final PresentationContext CONTEXT =
      new PresentationContext(1, Loopback.CT, Loopback.EXPLICIT);

  private static final Logger LOG = (Logger) LoggerFactory.getLogger(DimseChannel.class);

  /** Each wrong input is a line, of which a long run makes millions. */
  @BeforeAll
  static void quiet() {
    LOG.setLevel(Level.OFF);
  }

  @AfterAll
  static void loud() {
    LOG.setLevel(null);
  }

  private static List<Command> commands() {
    NormalizedRequest get =
        new NormalizedRequest(
            Operation.N_GET, "1.2.3", "2.25.1", 0, List.of(Tag.PatientID, Tag.Rows), null, null);
    Command store = Command.storeRequest(1, Loopback.CT, "2.25.1", "ORIGINATOR", 7);
    Command move = Command.moveRequest(3, ServiceSopClass.STUDY_ROOT_MOVE, "DEST");
    return List.of(
        store,
        move,
        Command.findRequest(2, ServiceSopClass.STUDY_ROOT_FIND),
        Command.cancelRequest(2),
        Command.echoRequest(9, Uid.VERIFICATION),
        Command.normalizedRequest(4, get),
        store.response(Status.OUT_OF_RESOURCES, "full"),
        move.response(Status.PENDING, null, new Progress(1, 2, 3, 4), false));
  }

  @Test
  void everyCommandComesBackAsItWas() throws Exception {
    for (Command command : commands()) {
      Command back = Command.decode(command.encode());
      assertThat(back.encode()).isEqualTo(command.encode());
      assertThat(back.field()).isEqualTo(command.field());
      assertThat(back.messageId()).isEqualTo(command.messageId());
    }
  }

  @Test
  void aWrongCommandIsRefusedAndNothingElse() throws Exception {
    List<byte[]> valid = commands().stream().map(Command::encode).toList();
    Fuzz.run(
        4 << 20,
        random -> {
          byte[] bytes = Fuzz.mutated(valid.get(random.nextInt(valid.size())), random);
          Command command;
          try {
            command = Command.decode(bytes);
          } catch (IOException e) {
            return;
          }
          command.status();
          command.attributes();
          command.progress();
          command.operation();
          command.typeId();
          command.errorComment();
          command.moveDestination();
          command.moveOriginator();
          command.sopInstanceUid();
          assertThat(command.toString()).hasSizeLessThan(60);
          Command.decode(command.response(Status.SUCCESS, null).encode());
        });
  }

  // --- fragments

  /** The requests of a channel, as they came; carried out at once. */
  private static final class Recorder implements DimseChannel.Requests {
    private final List<String> messages = new ArrayList<>();
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private int abandoned;

    @Override
    public void established(DimseChannel channel) {}

    @Override
    public void arrived(Command request) {}

    @Override
    public void begin(Command request, PresentationContext context) {
      bytes.reset();
    }

    @Override
    public void data(ByteBuffer more) {
      while (more.hasRemaining()) {
        bytes.write(more.get());
      }
    }

    @Override
    public void end() {
      messages.add(java.util.Arrays.hashCode(bytes.toByteArray()) + "/" + bytes.size());
    }

    @Override
    public void cancel(int messageId) {}

    @Override
    public void abandon() {
      abandoned++;
    }
  }

  /** An association that does nothing; counts. */
  private static final class Fake {
    private int aborts;
    private Boolean reading;
    private final List<ByteBuf> fragments = new ArrayList<>();
    private final Association association =
        (Association)
            Proxy.newProxyInstance(
                Association.class.getClassLoader(),
                new Class<?>[] {Association.class},
                (proxy, method, arguments) -> answer(method.getName(), arguments));

    private Object answer(String method, Object[] arguments) {
      switch (method) {
        case "abort" -> aborts++;
        case "reading" -> reading = (Boolean) arguments[0];
        default -> {}
      }
      return switch (method) {
        case "maxOperationsInvoked", "maxOperationsPerformed", "maxFragmentLength" -> 1;
        case "presentationContext" -> CONTEXT;
        case "isOpen" -> aborts == 0;
        case "toString" -> "fake";
        default -> null;
      };
    }
  }

  private static final DimseSettings SETTINGS =
      new DimseSettings(4096, 64 * 1024, 4096, 4, 1, Duration.ofSeconds(1));

  /** One PDV. */
  private record Pdv(int context, boolean command, boolean last, byte[] bytes) {}

  private static List<Pdv> split(boolean command, byte[] bytes, Random random) {
    List<Pdv> pdvs = new ArrayList<>();
    int at = 0;
    do {
      int count = random.nextInt(bytes.length - at + 1);
      boolean last = at + count == bytes.length && random.nextBoolean();
      pdvs.add(new Pdv(1, command, last, java.util.Arrays.copyOfRange(bytes, at, at + count)));
      at += count;
      if (last) {
        return pdvs;
      }
    } while (true);
  }

  private static void feed(DimseChannel channel, Fake fake, List<Pdv> pdvs) {
    for (Pdv pdv : pdvs) {
      if (fake.aborts > 0) {
        return;
      }
      ByteBuf fragment = Unpooled.buffer(16).writeBytes(pdv.bytes());
      channel.pdv(fake.association, pdv.context(), pdv.command(), pdv.last(), fragment);
      fragment.release();
      fake.fragments.add(fragment);
    }
  }

  private static List<Pdv> message(Random random, List<String> expected) {
    byte[] dataSet = new byte[random.nextInt(3000)];
    random.nextBytes(dataSet);
    expected.add(java.util.Arrays.hashCode(dataSet) + "/" + dataSet.length);
    List<Pdv> pdvs = split(true, Command.storeRequest(1, Loopback.CT, "2.25.1").encode(), random);
    pdvs.addAll(split(false, dataSet, random));
    return pdvs;
  }

  @Test
  void howeverAMessageIsCutItComesWhole() throws Exception {
    Fuzz.run(
        16 << 20,
        random -> {
          Fake fake = new Fake();
          Recorder recorder = new Recorder();
          DimseChannel channel = new DimseChannel(Runnable::run, recorder, SETTINGS);
          channel.established(fake.association);
          List<String> expected = new ArrayList<>();
          for (int i = 0; i < 3; i++) {
            feed(channel, fake, message(random, expected));
          }
          assertThat(recorder.messages).isEqualTo(expected);
          assertThat(fake.aborts).isZero();
          assertThat(fake.fragments).allMatch(f -> f.refCnt() == 0);
        });
  }

  @Test
  void fragmentsInAnyOrderAreTakenOrAborted() throws Exception {
    Fuzz.run(
        32 << 20,
        random -> {
          Fake fake = new Fake();
          Recorder recorder = new Recorder();
          List<Runnable> waiting = new ArrayList<>();
          DimseChannel channel =
              new DimseChannel(
                  random.nextBoolean() ? Runnable::run : waiting::add, recorder, SETTINGS);
          channel.established(fake.association);
          List<Pdv> pdvs = new ArrayList<>();
          for (int i = 0; i < 3; i++) {
            pdvs.addAll(disturbed(message(random, new ArrayList<>()), random));
          }
          feed(channel, fake, pdvs);
          channel.closed(
              fake.association,
              new AssociationException(AssociationException.Kind.CLOSED, "closed"));
          waiting.forEach(Runnable::run);
          assertThat(recorder.abandoned).isEqualTo(1);
          assertThat(fake.fragments).allMatch(f -> f.refCnt() == 0);
        });
  }

  private static List<Pdv> disturbed(List<Pdv> pdvs, Random random) {
    switch (random.nextInt(5)) {
      case 0 -> Collections.shuffle(pdvs, random);
      case 1 -> pdvs.remove(random.nextInt(pdvs.size()));
      case 2 ->
          pdvs.add(
              random.nextInt(pdvs.size()),
              new Pdv(3, random.nextBoolean(), random.nextBoolean(), new byte[5]));
      case 3 ->
          pdvs.add(
              random.nextInt(pdvs.size()),
              new Pdv(1, true, random.nextBoolean(), new byte[random.nextInt(10_000)]));
      default ->
          pdvs.replaceAll(
              p -> new Pdv(p.context(), p.command(), p.last(), Fuzz.mutated(p.bytes(), random)));
    }
    return pdvs;
  }

  /** Empty and tiny fragments have a price, too. */
  @Test
  void whileNobodyTakesThemFewTinyFragmentsStopTheReading() {
    Fake fake = new Fake();
    List<Runnable> waiting = new ArrayList<>();
    Recorder recorder = new Recorder();
    DimseChannel channel = new DimseChannel(waiting::add, recorder, SETTINGS);
    channel.established(fake.association);
    feed(
        channel,
        fake,
        split(true, Command.storeRequest(1, Loopback.CT, "2.25.1").encode(), new Random(1)));
    int fed = 0;
    while (!Boolean.FALSE.equals(fake.reading)) {
      feed(channel, fake, List.of(new Pdv(1, false, false, new byte[fed % 2])));
      assertThat(++fed).isLessThan(300);
    }
    waiting.forEach(Runnable::run);
    assertThat(fake.reading).isTrue();
    feed(channel, fake, List.of(new Pdv(1, false, true, new byte[0])));
    waiting.get(waiting.size() - 1).run();
    assertThat(recorder.messages).hasSize(1);
  }

  @Test
  void anIdentifierThatIsNoneIsRefused() throws Exception {
    List<String> syntaxes =
        List.of(
            Uid.IMPLICIT_VR_LITTLE_ENDIAN,
            Uid.EXPLICIT_VR_LITTLE_ENDIAN,
            Uid.EXPLICIT_VR_BIG_ENDIAN,
            Uid.DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN);
    DataSet identifier = new DataSet().set(Tag.PatientName, "A*").set(Tag.Rows, "1");
    identifier.addItem(Tag.ScheduledProcedureStepSequence).set(Tag.Modality, "CT");
    Fuzz.run(
        64 << 20,
        random -> {
          String syntax = syntaxes.get(random.nextInt(syntaxes.size()));
          try {
            Identifiers.decode(
                Fuzz.mutated(Identifiers.encode(identifier, syntax), random), syntax);
          } catch (IOException e) {
            assertThat(e.getMessage()).isNotEmpty();
          }
        });
  }
}
