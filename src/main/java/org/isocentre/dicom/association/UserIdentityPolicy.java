package org.isocentre.dicom.association;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.isocentre.dicom.pdu.Pdu;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the user's identity verified, off the event loop, of those that another policy accepts (PS3.7
 * §D.3.3.7). Refused: permanent. Not to be told, in time or at all: transient.
 */
public final class UserIdentityPolicy implements AssociationPolicy {
  private static final Logger LOG = LoggerFactory.getLogger(UserIdentityPolicy.class);
  private static final Decision REFUSED =
      new Decision.Reject(Pdu.AssociateRj.USER_IDENTITY_REFUSED);
  private static final Decision LATER_AGAIN =
      new Decision.Reject(Pdu.AssociateRj.TEMPORARY_CONGESTION);

  private final AssociationPolicy next;
  private final UserIdentityVerifier verifier;
  private final boolean required;
  private final Executor workers;
  private final Duration patience;

  /**
   * @param next decides first; who is rejected by it costs no verification
   * @param required whether a request without identity is refused
   * @param workers threads and queue must be bounded; what it does not take is rejected as
   *     transient
   * @param patience how long one verification may take, waiting for a worker included
   */
  public UserIdentityPolicy(
      AssociationPolicy next,
      UserIdentityVerifier verifier,
      boolean required,
      Executor workers,
      Duration patience) {
    this.next = next;
    this.verifier = verifier;
    this.required = required;
    this.workers = workers;
    this.patience = patience;
  }

  @Override
  public Decision decide(Pdu.AssociateRq request, InetSocketAddress remote) {
    return decide(new Candidate(request, remote, null));
  }

  @Override
  public Decision decide(Candidate candidate) {
    return verified(next.decide(candidate), candidate);
  }

  private Decision verified(Decision decision, Candidate candidate) {
    Pdu.UserIdentity identity = candidate.request().userInformation().userIdentity();
    if (decision instanceof Decision.Later later) {
      return new Decision.Later(later.decision().thenApply(d -> verified(d, candidate)));
    } else if (decision instanceof Decision.Accept accept && identity != null) {
      return new Decision.Later(verify(identity, candidate, accept));
    }
    return decision instanceof Decision.Accept && required ? REFUSED : decision;
  }

  private CompletionStage<Decision> verify(
      Pdu.UserIdentity identity, Candidate candidate, Decision.Accept accept) {
    try {
      return CompletableFuture.supplyAsync(() -> ask(identity, candidate, accept), workers)
          .completeOnTimeout(LATER_AGAIN, patience.toMillis(), TimeUnit.MILLISECONDS)
          .exceptionally(this::failed);
    } catch (RejectedExecutionException e) {
      return CompletableFuture.completedFuture(LATER_AGAIN);
    }
  }

  private Decision ask(Pdu.UserIdentity identity, Candidate candidate, Decision.Accept accept) {
    try {
      return verifier
          .verify(identity, candidate)
          .<Decision>map(accept::withIdentity)
          .orElse(REFUSED);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CompletionException(e);
    } catch (Exception e) {
      throw new CompletionException(e);
    }
  }

  /** Only the kind of failure is shown: its message may hold what must not be. */
  private Decision failed(Throwable error) {
    Throwable cause = error instanceof CompletionException ? error.getCause() : error;
    LOG.warn(
        "ISO-DICOM-411: a user's identity could not be verified ({}), the association is rejected as transient; look at the directory or the keys that the verifier asks",
        cause.getClass().getName());
    return LATER_AGAIN;
  }
}
