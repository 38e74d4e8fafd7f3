package org.isocentre.fhir;

import ca.uhn.fhir.rest.server.exceptions.PayloadTooLargeException;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.IOException;

/** A call whose body is read up to a size: what reads it keeps all of it in memory. */
final class BoundedRequest extends HttpServletRequestWrapper {
  private final long most;

  /**
   * @param most bytes of the body
   */
  BoundedRequest(HttpServletRequest request, long most) {
    super(request);
    this.most = most;
  }

  @Override
  public ServletInputStream getInputStream() throws IOException {
    ServletInputStream in = super.getInputStream();
    check(getContentLengthLong());
    return new ServletInputStream() {
      private long read;

      @Override
      public int read() throws IOException {
        int next = in.read();
        if (next >= 0) {
          check(++read);
        }
        return next;
      }

      @Override
      public int read(byte[] into, int from, int length) throws IOException {
        int count = in.read(into, from, length);
        if (count > 0) {
          read += count;
          check(read);
        }
        return count;
      }

      @Override
      public boolean isFinished() {
        return in.isFinished();
      }

      @Override
      public boolean isReady() {
        return in.isReady();
      }

      @Override
      public void setReadListener(ReadListener listener) {
        in.setReadListener(listener);
      }
    };
  }

  private void check(long bytes) {
    if (bytes > most) {
      throw new PayloadTooLargeException(
          "ISO-FHIR-078: a body has at most " + most + " bytes (isocentre.fhir.max-bundle)");
    }
  }
}
