package org.isocentre.camel.dicom;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.camel.Message;
import org.apache.camel.StreamCache;
import org.apache.camel.WrappedFile;
import org.isocentre.camel.dicom.DicomConfiguration.Transcode;
import org.isocentre.dicom.association.AssociationRequestor.Proposal;
import org.isocentre.dicom.association.PresentationContext;
import org.isocentre.dicom.data.DataSet;
import org.isocentre.dicom.data.Tag;
import org.isocentre.dicom.data.TransferSyntax;
import org.isocentre.dicom.data.Uid;
import org.isocentre.dicom.dimse.Command;
import org.isocentre.dicom.dimse.DataSetInfo;
import org.isocentre.dicom.dimse.DataSetSink;
import org.isocentre.dicom.dimse.NoPresentationContextException;
import org.isocentre.dicom.dimse.NormalizedResponse;
import org.isocentre.dicom.dimse.ReceivedDataSet;
import org.isocentre.dicom.dimse.ServiceSopClass;
import org.isocentre.dicom.dimse.ServiceUser;
import org.isocentre.dicom.dimse.Status;
import org.isocentre.dicom.image.ImageLimits;
import org.isocentre.dicom.image.SeekableSource;
import org.isocentre.dicom.image.Transcoder;
import org.isocentre.dicom.io.DataSetReader;
import org.isocentre.dicom.io.FileMetaInformation;
import org.isocentre.dicom.io.ReaderLimits;

/** C-STORE of the body: a Part 10 file, sent bit for bit unless {@code transcode} allows more. */
final class StoreOperation {
  private static final int MAX_CONTEXTS = 128;
  private static final int CHUNK = 64 * 1024;

  /** Whatever {@link Transcoder#losslessTargets} may say of an object. */
  private static final List<String> POSSIBLE_TARGETS =
      List.of(
          Uid.EXPLICIT_VR_LITTLE_ENDIAN,
          Uid.IMPLICIT_VR_LITTLE_ENDIAN,
          Uid.DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN,
          Uid.EXPLICIT_VR_BIG_ENDIAN,
          "1.2.840.10008.1.2.5"); // RLE Lossless

  private final DicomProducer producer;
  private final DicomConfiguration configuration;
  private final Transcoder transcoder = new Transcoder(ImageLimits.DEFAULT);

  StoreOperation(DicomProducer producer) {
    this.producer = producer;
    this.configuration = producer.getEndpoint().getConfiguration();
  }

  /** What is sent as what. */
  private record Identity(String sopClass, String sopInstance, String transferSyntax) {}

  int store(Message message) throws Exception {
    if (message.getBody() instanceof StreamCache cache) {
      cache.reset();
    }
    Command response;
    Part10Source again = again(message.getBody());
    try (InputStream in =
        again == null ? message.getMandatoryBody(InputStream.class) : again.openPart10()) {
      FileMetaInformation meta = FileMetaInformation.read(in).meta();
      Identity identity =
          new Identity(
              message.getHeader(DicomConstants.SOP_CLASS_UID, meta.sopClassUid(), String.class),
              message.getHeader(
                  DicomConstants.SOP_INSTANCE_UID, meta.sopInstanceUid(), String.class),
              meta.transferSyntaxUid());
      response =
          configuration.getTranscode() == Transcode.never
              ? asItIs(identity, in, message)
              : asThePeerTakesIt(identity, again, in, message);
      message.setHeader(DicomConstants.ERROR_COMMENT, response.errorComment());
      return done(message, identity, response.status());
    }
  }

  /** The body, if it can be read more than once; else null. */
  private static Part10Source again(Object body) {
    if (body instanceof Part10Source source) {
      return source;
    }
    if (body instanceof DicomStreamCache received) {
      return received.object()::openPart10;
    }
    Object file = body instanceof WrappedFile<?> wrapped ? wrapped.getFile() : body;
    if (file instanceof File local) {
      return () -> Files.newInputStream(local.toPath());
    }
    return file instanceof Path path ? () -> Files.newInputStream(path) : null;
  }

  private int done(Message message, Identity identity, int status) throws Exception {
    boolean duplicate =
        status == Status.DUPLICATE_SOP_INSTANCE && configuration.isDuplicateAsSuccess();
    boolean has = duplicate || Status.isSuccess(status) || Status.isWarning(status);
    if (has && configuration.getCommit() == DicomConfiguration.Commit.request) {
      requestCommitment(message, identity);
    }
    return duplicate ? Status.SUCCESS : status;
  }

  private Command asItIs(Identity identity, InputStream in, Message message) throws Exception {
    Proposal own = new Proposal(identity.sopClass(), List.of(identity.transferSyntax()));
    return producer.with(
        wanted(own, message),
        user ->
            user.store(identity.sopClass(), identity.sopInstance(), identity.transferSyntax(), in));
  }

  // --- transcoding

  /** The data set of an object that is read twice, for what it is and for its bytes. */
  private interface DataSetSource {
    InputStream open() throws IOException;

    static DataSetSource of(Part10Source source) {
      return () -> {
        InputStream in = source.openPart10();
        try {
          FileMetaInformation.read(in);
          return in;
        } catch (IOException | RuntimeException e) {
          in.close();
          throw e;
        }
      };
    }
  }

  private Command asThePeerTakesIt(
      Identity identity, Part10Source again, InputStream in, Message message) throws Exception {
    if (again != null) {
      return transcoded(identity, DataSetSource.of(again), message);
    }
    if (configuration.getTranscode() == Transcode.lossless) {
      return asItIsOrTranscoded(identity, in, message);
    }
    try (ReceivedDataSet spooled = spool(identity, in)) {
      return transcoded(identity, spooled::openDataSet, message);
    }
  }

  /**
   * Proposes all that may be possible, as the object is not known yet, and spools it only when the
   * peer does not take it as it is.
   */
  private Command asItIsOrTranscoded(Identity identity, InputStream in, Message message)
      throws Exception {
    String own = identity.transferSyntax();
    List<String> thinkable = new ArrayList<>(List.of(own));
    POSSIBLE_TARGETS.stream().filter(s -> !s.equals(own)).forEach(thinkable::add);
    return producer.with(
        proposals(identity, thinkable, message),
        user -> {
          if (user.context(identity.sopClass(), own).isPresent()) {
            return user.store(identity.sopClass(), identity.sopInstance(), own, in);
          }
          try (ReceivedDataSet spooled = spool(identity, in)) {
            DataSetSource source = spooled::openDataSet;
            return send(user, identity, source, syntaxes(identity, source), message);
          }
        });
  }

  private ReceivedDataSet spool(Identity identity, InputStream in) throws IOException {
    DataSetSink sink =
        configuration
            .spool()
            .open(
                new DataSetInfo(
                    configuration.getCallingAet(),
                    producer.getEndpoint().getAddress().aeTitle(),
                    "",
                    identity.sopClass(),
                    identity.sopInstance(),
                    identity.transferSyntax(),
                    "",
                    ""));
    try {
      byte[] chunk = new byte[CHUNK];
      for (int got = in.read(chunk); got >= 0; got = in.read(chunk)) {
        sink.write(ByteBuffer.wrap(chunk, 0, got));
      }
      return sink.complete();
    } catch (IOException | RuntimeException e) {
      sink.abandon();
      throw e;
    }
  }

  private Command transcoded(Identity identity, DataSetSource object, Message message)
      throws Exception {
    List<String> syntaxes = syntaxes(identity, object);
    return producer.with(
        proposals(identity, syntaxes, message),
        user -> send(user, identity, object, syntaxes, message));
  }

  private Command send(
      ServiceUser user,
      Identity identity,
      DataSetSource object,
      List<String> syntaxes,
      Message message)
      throws Exception {
    String chosen = chosen(user, identity, syntaxes);
    try (InputStream out =
        transcoder.transcode(source(object), identity.transferSyntax(), chosen)) {
      message.setHeader(DicomConstants.TRANSFER_SYNTAX_UID, chosen);
      return user.store(identity.sopClass(), identity.sopInstance(), chosen, out);
    }
  }

  /** Its own first, then what it can be sent in without loss. */
  private static List<String> syntaxes(Identity identity, DataSetSource object) throws IOException {
    List<String> syntaxes = new ArrayList<>(List.of(identity.transferSyntax()));
    syntaxes.addAll(alternatives(identity, object));
    return syntaxes;
  }

  private static List<String> alternatives(Identity identity, DataSetSource object)
      throws IOException {
    try (InputStream in = object.open()) {
      DataSet attributes =
          new DataSetReader(in, TransferSyntax.of(identity.transferSyntax()), ReaderLimits.DEFAULT)
              .readUntil(Tag.PixelData);
      return Transcoder.losslessTargets(identity.transferSyntax(), attributes);
    }
  }

  private Set<Proposal> proposals(Identity identity, List<String> syntaxes, Message message) {
    if (configuration.getTranscode() == Transcode.negotiated) {
      return wanted(new Proposal(identity.sopClass(), syntaxes), message);
    }
    Set<Proposal> proposals = new LinkedHashSet<>();
    syntaxes.forEach(s -> proposals.add(new Proposal(identity.sopClass(), List.of(s))));
    proposals.addAll(
        wanted(new Proposal(identity.sopClass(), List.of(identity.transferSyntax())), message));
    return proposals;
  }

  private static String chosen(ServiceUser user, Identity identity, List<String> syntaxes)
      throws NoPresentationContextException {
    for (String syntax : syntaxes) {
      Optional<PresentationContext> context = user.context(identity.sopClass(), syntax);
      if (context.isPresent()) {
        return syntax;
      }
    }
    throw new NoPresentationContextException(
        user.association().calledAeTitle(), identity.sopClass(), identity.transferSyntax());
  }

  private static SeekableSource source(DataSetSource object) {
    return offset -> {
      InputStream in = object.open();
      try {
        in.skipNBytes(offset);
        return in;
      } catch (IOException e) {
        in.close();
        throw e;
      }
    };
  }

  // --- Storage Commitment

  /** The result comes later, to the consumer of the calling AE title that offers commit. */
  private void requestCommitment(Message message, Identity identity) throws Exception {
    String transaction = Uid.random();
    DataSet wanted = new DataSet().set(Tag.TransactionUID, transaction);
    wanted
        .addItem(Tag.ReferencedSOPSequence)
        .set(Tag.ReferencedSOPClassUID, identity.sopClass())
        .set(Tag.ReferencedSOPInstanceUID, identity.sopInstance());
    NormalizedResponse response =
        producer.with(
            Set.of(
                new Proposal(ServiceSopClass.STORAGE_COMMITMENT_PUSH_MODEL, DicomProducer.NATIVE)),
            user -> user.request(NormalizedOperations.commitment(wanted)));
    if (response.isFailure()) {
      throw new DicomOperationFailedException(
          producer.getEndpoint().getAddress().aeTitle(), response.status());
    }
    message.setHeader(DicomConstants.TRANSACTION_UID, transaction);
  }

  /** This object's context first, then those that the header announces. */
  private static Set<Proposal> wanted(Proposal own, Message message) {
    Set<Proposal> wanted = new LinkedHashSet<>();
    wanted.add(own);
    Collection<?> announced =
        message.getHeader(DicomConstants.PRESENTATION_CONTEXTS, Collection.class);
    if (announced != null) {
      for (Object one : announced) {
        String[] parts = one.toString().split("/", 2);
        if (parts.length == 2 && wanted.size() < MAX_CONTEXTS) {
          wanted.add(new Proposal(parts[0], List.of(parts[1])));
        }
      }
    }
    return wanted;
  }
}
