package org.isocentre.camel.dicom;

import java.io.InputStream;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.camel.Message;
import org.apache.camel.StreamCache;
import org.isocentre.dicom.association.AssociationRequestor.Proposal;
import org.isocentre.dicom.dimse.Command;
import org.isocentre.dicom.dimse.Status;
import org.isocentre.dicom.io.FileMetaInformation;

/** C-STORE of the body: a Part 10 file, sent bit for bit unless {@code transcode} allows more. */
final class StoreOperation {
  private static final int MAX_CONTEXTS = 128;
  private final DicomProducer producer;
  private final DicomConfiguration configuration;

  StoreOperation(DicomProducer producer) {
    this.producer = producer;
    this.configuration = producer.getEndpoint().getConfiguration();
  }

  int store(Message message) throws Exception {
    if (message.getBody() instanceof StreamCache cache) {
      cache.reset();
    }
    try (InputStream in = message.getMandatoryBody(InputStream.class)) {
      FileMetaInformation meta = FileMetaInformation.read(in).meta();
      String sopClass =
          message.getHeader(DicomConstants.SOP_CLASS_UID, meta.sopClassUid(), String.class);
      String sopInstance =
          message.getHeader(DicomConstants.SOP_INSTANCE_UID, meta.sopInstanceUid(), String.class);
      Proposal own = new Proposal(sopClass, List.of(meta.transferSyntaxUid()));
      Command response =
          producer.with(
              wanted(own, message),
              user -> user.store(sopClass, sopInstance, meta.transferSyntaxUid(), in));
      message.setHeader(DicomConstants.ERROR_COMMENT, response.errorComment());
      boolean duplicate = response.status() == Status.DUPLICATE_SOP_INSTANCE;
      return duplicate && configuration.isDuplicateAsSuccess() ? Status.SUCCESS : response.status();
    }
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
