package org.isocentre.demo;

import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.SignedJWT;
import jakarta.servlet.http.HttpServletRequest;
import java.net.URI;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.interfaces.RSAPublicKey;
import java.text.ParseException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;
import org.springframework.core.annotation.Order;
import org.springframework.security.authentication.AuthenticationProvider;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.core.OAuth2Error;
import org.springframework.security.oauth2.core.OAuth2ErrorCodes;
import org.springframework.security.oauth2.core.endpoint.OAuth2ParameterNames;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.server.authorization.InMemoryOAuth2AuthorizationService;
import org.springframework.security.oauth2.server.authorization.OAuth2Authorization;
import org.springframework.security.oauth2.server.authorization.OAuth2AuthorizationService;
import org.springframework.security.oauth2.server.authorization.OAuth2TokenType;
import org.springframework.security.oauth2.server.authorization.authentication.OAuth2AccessTokenAuthenticationToken;
import org.springframework.security.oauth2.server.authorization.authentication.OAuth2AuthorizationCodeRequestAuthenticationContext;
import org.springframework.security.oauth2.server.authorization.authentication.OAuth2AuthorizationCodeRequestAuthenticationException;
import org.springframework.security.oauth2.server.authorization.authentication.OAuth2AuthorizationCodeRequestAuthenticationProvider;
import org.springframework.security.oauth2.server.authorization.authentication.OAuth2AuthorizationCodeRequestAuthenticationToken;
import org.springframework.security.oauth2.server.authorization.authentication.OAuth2AuthorizationCodeRequestAuthenticationValidator;
import org.springframework.security.oauth2.server.authorization.authentication.OAuth2ClientAuthenticationToken;
import org.springframework.security.oauth2.server.authorization.client.InMemoryRegisteredClientRepository;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClient;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClientRepository;
import org.springframework.security.oauth2.server.authorization.config.annotation.web.configuration.OAuth2AuthorizationServerConfiguration;
import org.springframework.security.oauth2.server.authorization.config.annotation.web.configurers.OAuth2AuthorizationServerConfigurer;
import org.springframework.security.oauth2.server.authorization.settings.AuthorizationServerSettings;
import org.springframework.security.oauth2.server.authorization.settings.ClientSettings;
import org.springframework.security.oauth2.server.authorization.settings.TokenSettings;
import org.springframework.security.oauth2.server.authorization.token.JwtEncodingContext;
import org.springframework.security.oauth2.server.authorization.token.OAuth2TokenCustomizer;
import org.springframework.security.oauth2.server.authorization.web.authentication.OAuth2AccessTokenResponseAuthenticationSuccessHandler;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.authentication.AuthenticationSuccessHandler;
import org.springframework.security.web.authentication.LoginUrlAuthenticationEntryPoint;
import org.springframework.security.web.authentication.SimpleUrlAuthenticationFailureHandler;
import org.springframework.web.cors.CorsConfiguration;

/**
 * An authorization server for trying things out: whoever types a patient's NHS number is taken for
 * that patient. It exists in the demo profile only.
 */
@Configuration(proxyBeanMethods = false)
@Profile("demo")
class DemoAuthorization {
  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]", "::1");
  private static final ClientAuthenticationMethod BY_KEY =
      new ClientAuthenticationMethod("urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
  private static final Duration TOKEN_LIFE = Duration.ofHours(1);

  @Bean
  @Order(1)
  SecurityFilterChain authorizationServer(
      HttpSecurity http,
      OAuth2AuthorizationService authorizations,
      @Qualifier("patientsByNhsNumber") Function<String, Optional<UUID>> patients)
      throws Exception {
    OAuth2AuthorizationServerConfigurer server =
        OAuth2AuthorizationServerConfigurer.authorizationServer();
    return http.securityMatcher(server.getEndpointsMatcher())
        .cors(c -> c.configurationSource(call -> appsOfThisMachine()))
        .with(
            server,
            s ->
                s.oidc(Customizer.withDefaults())
                    .clientAuthentication(
                        c -> c.authenticationConverter(DemoAuthorization::byAssertion))
                    .tokenEndpoint(
                        e ->
                            e.accessTokenResponseHandler(
                                withPatient(
                                    token ->
                                        Optional.ofNullable(
                                                authorizations.findByToken(
                                                    token, OAuth2TokenType.ACCESS_TOKEN))
                                            .map(OAuth2Authorization::getPrincipalName)
                                            .flatMap(patients))))
                    .authorizationEndpoint(
                        e ->
                            e.authenticationProviders(
                                all -> all.forEach(DemoAuthorization::takeLoopback))))
        .authorizeHttpRequests(calls -> calls.anyRequest().authenticated())
        .exceptionHandling(
            e -> e.authenticationEntryPoint(new LoginUrlAuthenticationEntryPoint("/login")))
        .oauth2ResourceServer(s -> s.jwt(Customizer.withDefaults()))
        .csrf(AbstractHttpConfigurer::disable)
        .build();
  }

  /**
   * A client that shows itself by a key says who it is in what it signed, and need not say so
   * beside it (RFC 7521 §4.2).
   *
   * @return null for others
   */
  private static Authentication byAssertion(HttpServletRequest call) {
    String assertion = call.getParameter(OAuth2ParameterNames.CLIENT_ASSERTION);
    String type = call.getParameter(OAuth2ParameterNames.CLIENT_ASSERTION_TYPE);
    if (assertion == null
        || !BY_KEY.getValue().equals(type)
        || call.getParameter(OAuth2ParameterNames.CLIENT_ID) != null) {
      return null;
    }
    try {
      String client = SignedJWT.parse(assertion).getJWTClaimsSet().getSubject();
      Map<String, Object> more = new LinkedHashMap<>();
      call.getParameterMap().forEach((name, values) -> more.put(name, values[0]));
      return client == null
          ? null
          : new OAuth2ClientAuthenticationToken(client, BY_KEY, assertion, more);
    } catch (ParseException e) {
      return null;
    }
  }

  /** Apps that run in a browser get their tokens by a call of their own. */
  private static CorsConfiguration appsOfThisMachine() {
    CorsConfiguration apps = new CorsConfiguration();
    apps.setAllowedOriginPatterns(List.of("http://127.0.0.1:*", "http://localhost:*"));
    apps.setAllowedMethods(List.of("GET", "POST"));
    apps.setAllowedHeaders(List.of("*"));
    apps.setAllowCredentials(false);
    return apps;
  }

  /**
   * The launch context of a patient's app: whom it is about (SMART App Launch 2.2 §2.0.7).
   *
   * @param patients of an access token
   */
  private static AuthenticationSuccessHandler withPatient(
      Function<String, Optional<UUID>> patients) {
    OAuth2AccessTokenResponseAuthenticationSuccessHandler answer =
        new OAuth2AccessTokenResponseAuthenticationSuccessHandler();
    answer.setAccessTokenResponseCustomizer(
        context -> {
          OAuth2AccessTokenAuthenticationToken granted = context.getAuthentication();
          Map<String, Object> more = new LinkedHashMap<>(granted.getAdditionalParameters());
          patients
              .apply(granted.getAccessToken().getTokenValue())
              .ifPresent(id -> more.put("patient", id.toString()));
          context.getAccessTokenResponse().additionalParameters(more);
        });
    return answer;
  }

  @Bean
  OAuth2AuthorizationService authorizations() {
    return new InMemoryOAuth2AuthorizationService();
  }

  private static void takeLoopback(AuthenticationProvider provider) {
    if (provider instanceof OAuth2AuthorizationCodeRequestAuthenticationProvider codes) {
      codes.setAuthenticationValidator(
          ((java.util.function.Consumer<OAuth2AuthorizationCodeRequestAuthenticationContext>)
                  DemoAuthorization::checkRedirect)
              .andThen(
                  OAuth2AuthorizationCodeRequestAuthenticationValidator.DEFAULT_SCOPE_VALIDATOR));
    }
  }

  /** Any loopback address, port and path (RFC 8252 §7.3). */
  private static void checkRedirect(OAuth2AuthorizationCodeRequestAuthenticationContext context) {
    OAuth2AuthorizationCodeRequestAuthenticationToken request = context.getAuthentication();
    String redirect = request.getRedirectUri();
    if (redirect != null && !isLoopback(redirect)) {
      throw new OAuth2AuthorizationCodeRequestAuthenticationException(
          new OAuth2Error(
              OAuth2ErrorCodes.INVALID_REQUEST,
              "redirect_uri must be http on a loopback address",
              null),
          null);
    }
  }

  private static boolean isLoopback(String redirect) {
    try {
      URI uri = URI.create(redirect);
      return "http".equals(uri.getScheme())
          && uri.getHost() != null
          && LOOPBACK.contains(uri.getHost())
          && uri.getUserInfo() == null
          && uri.getFragment() == null;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** The log-in form has no secret and no session worth forging, so it takes posts as they come. */
  @Bean
  @Order(2)
  SecurityFilterChain login(
      HttpSecurity http,
      @Qualifier("patientsByNhsNumber") Function<String, Optional<UUID>> patients)
      throws Exception {
    return http.securityMatcher("/login")
        .authorizeHttpRequests(calls -> calls.anyRequest().permitAll())
        .authenticationProvider(new PatientLogin(patients))
        .formLogin(
            form ->
                form.loginPage("/login")
                    .usernameParameter("nhs_number")
                    .failureHandler(new SimpleUrlAuthenticationFailureHandler("/login?error")))
        .csrf(AbstractHttpConfigurer::disable)
        .build();
  }

  /** Takes any patient of the index. */
  private record PatientLogin(Function<String, Optional<UUID>> patients)
      implements AuthenticationProvider {
    @Override
    public Authentication authenticate(Authentication attempt) {
      String nhsNumber = attempt.getName().replaceAll("[ -]", "");
      if (patients.apply(nhsNumber).isEmpty()) {
        throw new BadCredentialsException("no patient of the index has this NHS number");
      }
      return UsernamePasswordAuthenticationToken.authenticated(
          nhsNumber, null, AuthorityUtils.createAuthorityList("ROLE_PATIENT"));
    }

    @Override
    public boolean supports(Class<?> type) {
      return UsernamePasswordAuthenticationToken.class.isAssignableFrom(type);
    }
  }

  /** The keys of a client of the demo are for everybody to read. */
  @Bean
  @Order(2)
  SecurityFilterChain backendKeys(HttpSecurity http) throws Exception {
    return http.securityMatcher(DemoBackend.KEYS)
        .authorizeHttpRequests(calls -> calls.anyRequest().permitAll())
        .build();
  }

  @Bean
  RegisteredClientRepository clients(@Value("${isocentre.auth.issuer}") String issuer) {
    TokenSettings tokens = TokenSettings.builder().accessTokenTimeToLive(TOKEN_LIFE).build();
    RegisteredClient app =
        RegisteredClient.withId(UUID.randomUUID().toString())
            .clientId("demo-patient-app")
            .clientAuthenticationMethod(ClientAuthenticationMethod.NONE)
            .authorizationGrantType(AuthorizationGrantType.AUTHORIZATION_CODE)
            .redirectUri("http://127.0.0.1/callback")
            .scopes(
                all ->
                    all.addAll(
                        List.of(
                            "openid",
                            "launch/patient",
                            "patient/*.read",
                            "patient/*.rs",
                            "patient/Consent.write",
                            "patient/Consent.c")))
            .clientSettings(
                ClientSettings.builder()
                    .requireProofKey(true)
                    .requireAuthorizationConsent(false)
                    .build())
            .tokenSettings(tokens)
            .build();
    RegisteredClient browser =
        RegisteredClient.from(app)
            .id(UUID.randomUUID().toString())
            .clientId("demo-browser")
            .build();
    RegisteredClient system =
        RegisteredClient.withId(UUID.randomUUID().toString())
            .clientId("demo-system")
            .clientSecret("{noop}demo")
            .clientAuthenticationMethod(ClientAuthenticationMethod.CLIENT_SECRET_BASIC)
            .clientAuthenticationMethod(ClientAuthenticationMethod.CLIENT_SECRET_POST)
            .authorizationGrantType(AuthorizationGrantType.CLIENT_CREDENTIALS)
            .scopes(all -> all.addAll(List.of("system/*.read", "system/*.write")))
            .tokenSettings(tokens)
            .build();
    RegisteredClient backend =
        RegisteredClient.withId(UUID.randomUUID().toString())
            .clientId(DemoBackend.CLIENT)
            .clientAuthenticationMethod(ClientAuthenticationMethod.PRIVATE_KEY_JWT)
            .authorizationGrantType(AuthorizationGrantType.CLIENT_CREDENTIALS)
            .scopes(all -> all.addAll(List.of("system/*.read", "system/*.rs")))
            .clientSettings(
                ClientSettings.builder()
                    .jwkSetUrl(issuer + DemoBackend.KEYS)
                    .tokenEndpointAuthenticationSigningAlgorithm(SignatureAlgorithm.ES384)
                    .build())
            .tokenSettings(tokens)
            .build();
    return new InMemoryRegisteredClientRepository(app, browser, system, backend);
  }

  /**
   * A patient's token carries the NHS number that they logged in with, the system's the role of
   * those who look after interfaces.
   */
  @Bean
  OAuth2TokenCustomizer<JwtEncodingContext> demoClaims(
      @Value("${isocentre.auth.nhs-number-claim:nhs_number}") String claim,
      @Value("${isocentre.auth.roles-claim:roles}") String roles) {
    return context -> {
      if (AuthorizationGrantType.CLIENT_CREDENTIALS.equals(context.getAuthorizationGrantType())) {
        context.getClaims().claim(roles, List.of("integration"));
      }
      boolean patient =
          AuthorizationGrantType.AUTHORIZATION_CODE.equals(context.getAuthorizationGrantType());
      if (patient && OAuth2TokenType.ACCESS_TOKEN.equals(context.getTokenType())) {
        context.getClaims().claim(claim, context.getPrincipal().getName());
      }
    };
  }

  /** Made anew at each start: tokens do not outlive the demo. */
  @Bean
  JWKSource<SecurityContext> keys() throws NoSuchAlgorithmException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    KeyPair pair = generator.generateKeyPair();
    RSAKey key =
        new RSAKey.Builder((RSAPublicKey) pair.getPublic())
            .privateKey(pair.getPrivate())
            .keyID(UUID.randomUUID().toString())
            .build();
    return new ImmutableJWKSet<>(new JWKSet(key));
  }

  /** For this server's own endpoints. */
  @Bean
  JwtDecoder jwtDecoder(JWKSource<SecurityContext> keys) {
    return OAuth2AuthorizationServerConfiguration.jwtDecoder(keys);
  }

  @Bean
  AuthorizationServerSettings authorizationServerSettings(
      @Value("${isocentre.auth.issuer}") String issuer) {
    return AuthorizationServerSettings.builder().issuer(issuer).build();
  }
}
