package org.isocentre.app;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.autoconfigure.security.oauth2.server.servlet.OAuth2AuthorizationServerJwtAutoConfiguration;
import org.springframework.boot.autoconfigure.security.servlet.UserDetailsServiceAutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;

/** Starts the hub. */
@SpringBootApplication(
    scanBasePackages = {"org.isocentre.app", "org.isocentre.demo"},
    exclude = {
      UserDetailsServiceAutoConfiguration.class,
      // It would make an RSA key at each start, for an authorization server that only the demo has.
      OAuth2AuthorizationServerJwtAutoConfiguration.class
    })
@EnableConfigurationProperties(IsocentreProperties.class)
public class IsocentreApplication {
  public static void main(String[] args) {
    try {
      if (AuditVerification.isAsked(args)) {
        System.exit(AuditVerification.run(args));
      }
      SpringApplication.run(IsocentreApplication.class, args);
    } catch (RuntimeException e) {
      // Said already. Threads of what did start would keep a hub alive that serves nobody.
      System.exit(1);
    }
  }
}
