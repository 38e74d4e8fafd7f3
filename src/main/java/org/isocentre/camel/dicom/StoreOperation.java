package org.isocentre.camel.dicom;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.camel.Message;
import org.apache.camel.StreamCache;
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
    try (InputStream in = message.getMandatoryBody(InputStream.class)) {
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
              : asThePeerTakesIt(identity, in, message);
      message.setHeader(DicomConstants.ERROR_COMMENT, response.errorComment());
      return done(message, identity, response.status());
    }
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

  /** The object is read twice, for what it is and for its bytes: so it is spooled first. */
  private Command asThePeerTakesIt(Identity identity, InputStream in, Message message)
      throws Exception {
    if (message.getBody() instanceof DicomStreamCache received) {
      return transcoded(identity, received.object(), message);
    }
    try (ReceivedDataSet spooled = spool(identity, in)) {
      return transcoded(identity, spooled, message);
    }
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

  private Command transcoded(Identity identity, ReceivedDataSet object, Message message)
      throws Exception {
    List<String> syntaxes = new ArrayList<>(List.of(identity.transferSyntax()));
    syntaxes.addAll(alternatives(identity, object));
    return producer.with(
        proposals(identity, syntaxes, message),
        user -> {
          String chosen = chosen(user, identity, syntaxes);
          try (InputStream out =
              transcoder.transcode(source(object), identity.transferSyntax(), chosen)) {
            message.setHeader(DicomConstants.TRANSFER_SYNTAX_UID, chosen);
            return user.store(identity.sopClass(), identity.sopInstance(), chosen, out);
          }
        });
  }

  private static List<String> alternatives(Identity identity, ReceivedDataSet object)
      throws IOException {
    try (InputStream in = object.openDataSet()) {
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

  private static SeekableSource source(ReceivedDataSet object) {
    return offset -> {
      InputStream in = object.openDataSet();
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
