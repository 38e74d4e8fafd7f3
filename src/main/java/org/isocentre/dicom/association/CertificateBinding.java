package org.isocentre.dicom.association;

import java.net.InetSocketAddress;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import javax.naming.NamingException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import org.isocentre.dicom.pdu.Pdu;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Binds calling AE titles to names in certificates: an AE title is anybody's to claim, a
 * certificate is not. A name is a common name of the subject, a dNSName or a URI of the subject
 * alternative names; it is compared without regard to case, and a wildcard matches nothing but
 * itself. Who does not fit is rejected: calling AE title not recognized.
 */
public final class CertificateBinding implements AssociationPolicy {
  private static final Logger LOG = LoggerFactory.getLogger(CertificateBinding.class);
  private static final int DNS_NAME = 2;
  private static final int URI = 6;
  private static final Decision NOT_RECOGNIZED =
      new Decision.Reject(Pdu.AssociateRj.CALLING_AE_TITLE_NOT_RECOGNIZED);

  private final Map<String, Set<String>> names = new HashMap<>();
  private final boolean boundOnly;
  private final AssociationPolicy next;

  /**
   * @param namesByAeTitle calling AE title to the names of which its certificate must have one
   * @param boundOnly whether AE titles that are not in the map are rejected; else they are left to
   *     {@code next}
   * @param next decides about those that fit
   */
  public CertificateBinding(
      Map<String, ? extends Collection<String>> namesByAeTitle,
      boolean boundOnly,
      AssociationPolicy next) {
    namesByAeTitle.forEach((aeTitle, accepted) -> names.put(aeTitle, ignoringCase(accepted)));
    this.boundOnly = boundOnly;
    this.next = next;
  }

  private static Set<String> ignoringCase(Collection<String> some) {
    Set<String> set = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    set.addAll(some);
    return set;
  }

  @Override
  public Decision decide(Pdu.AssociateRq request, InetSocketAddress remote) {
    return decide(new Candidate(request, remote, null));
  }

  @Override
  public Decision decide(Candidate candidate) {
    String aeTitle = candidate.request().callingAeTitle();
    Set<String> accepted = names.get(aeTitle);
    if (accepted == null) {
      return boundOnly ? NOT_RECOGNIZED : next.decide(candidate);
    }
    List<String> found =
        candidate.certificate() == null ? List.of() : names(candidate.certificate());
    if (found.stream().anyMatch(accepted::contains)) {
      return next.decide(candidate);
    }
    LOG.warn(
        "ISO-DICOM-412: AE title {} from {} is bound to the certificate names {}, found {}; correct the binding or the peer's certificate",
        aeTitle,
        candidate.remote(),
        accepted,
        found.isEmpty() ? "no certificate" : found);
    return NOT_RECOGNIZED;
  }

  /** Common names of the subject, then dNSNames and URIs of the subject alternative names. */
  public static List<String> names(X509Certificate certificate) {
    List<String> all = new ArrayList<>();
    try {
      for (Rdn rdn : new LdapName(certificate.getSubjectX500Principal().getName()).getRdns()) {
        var common = rdn.toAttributes().get("CN");
        if (common != null) {
          all.add(String.valueOf(common.get()));
        }
      }
      Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
      if (alternatives != null) {
        alternatives.stream()
            .filter(name -> name.get(0).equals(DNS_NAME) || name.get(0).equals(URI))
            .forEach(name -> all.add(name.get(1).toString()));
      }
    } catch (CertificateParsingException | NamingException e) {
      LOG.warn("ISO-DICOM-413: a certificate's names cannot be read: {}", e.getMessage());
    }
    return all;
  }
}
