package org.isocentre.demo;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.text.ParseException;
import java.util.UUID;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Profile;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * A backend service of the demo that shows itself by a key (SMART Backend Services, {@code
 * private_key_jwt}): the demo makes its key, leaves it in the data directory for whoever tries it
 * out, and shows the public half as the client's own server would.
 */
@RestController
@Profile("demo")
class DemoBackend {
  static final String CLIENT = "demo-backend";

  /** Where the public half is. */
  static final String KEYS = "/demo/backend-jwks";

  private static final String FILE = "demo-backend.jwk";
  private final ECKey key;

  DemoBackend(@Value("${isocentre.data-dir:./data}") Path dataDir) throws IOException {
    Path file = dataDir.resolve(FILE);
    key = Files.exists(file) ? read(file) : made(file);
  }

  private static ECKey read(Path file) throws IOException {
    try {
      return ECKey.parse(Files.readString(file));
    } catch (ParseException e) {
      throw new IOException(file + " is no key; delete it, and the demo makes another", e);
    }
  }

  private static ECKey made(Path file) throws IOException {
    try {
      ECKey made =
          new ECKeyGenerator(Curve.P_384)
              .algorithm(JWSAlgorithm.ES384)
              .keyID(UUID.randomUUID().toString())
              .generate();
      Files.createDirectories(file.getParent());
      Files.deleteIfExists(file);
      if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
        Files.createFile(
            file,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      }
      Files.writeString(file, made.toJSONString());
      return made;
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  @GetMapping(path = KEYS, produces = MediaType.APPLICATION_JSON_VALUE)
  String keys() {
    return new JWKSet(key.toPublicJWK()).toString();
  }
}
