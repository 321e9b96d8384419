import Desk
package import Gateway
package import Hummingbird
package import Logging
package import MailTypes
import NIOCore

/// The pages that anybody may open: ratings (FEATURES S50), the policy of MTA-STS, and what mail programs ask for to set
/// themselves up. No cookies, no scripts, nothing remembered of who looks.
package struct PublicSite: Sendable {
    /// What the pages stand on.
    package struct Parts: Sendable {
        package var ratings: Ratings
        package var roster: RosterHolder
        package var guardian: RequestGuard
        package var cryptography: any Cryptography
        package var policy: OwnPolicy
        /// What mail programs are told, by the domain of the accounts.
        package var clientSettings: @Sendable (DomainName) -> MailClientSettings

        package init(
            ratings: Ratings, roster: RosterHolder, guardian: RequestGuard, cryptography: any Cryptography,
            policy: OwnPolicy, clientSettings: @escaping @Sendable (DomainName) -> MailClientSettings
        ) {
            (self.ratings, self.roster, self.guardian) = (ratings, roster, guardian)
            (self.cryptography, self.policy, self.clientSettings) = (cryptography, policy, clientSettings)
        }
    }

    /// The most octets of a form: a comment of 2,000 characters, each of them four octets in escapes.
    static let longestForm = 32768

    private let parts: Parts
    private let proxies: [IPNetwork]
    private let responder: RouterResponder<PublicContext>
    private let pages: RatingPages
    private let logger: Logger

    /// - Parameter trustedProxies: whose word is taken for whom a request comes from.
    package init(_ parts: Parts, trustedProxies: [IPNetwork], logger: Logger) {
        (self.parts, proxies, self.logger) = (parts, trustedProxies, logger)
        pages = RatingPages(
            ratings: parts.ratings, roster: parts.roster, renderer: PageRenderer(cryptography: parts.cryptography),
            logger: logger)
        let router = Router(context: PublicContext.self, options: .autoGenerateHeadEndpoints)
        pages.add(to: router)
        Self.addMailRoutes(to: router, parts)
        responder = router.buildResponder()
    }

    /// Answers a request that a peer sent.
    package func respond(to request: Request, from peer: IPAddress) async -> Response {
        let lists = request.headers[values: .xForwardedFor]
        let client = ForwardedAddress.client(peer, forwardedFor: lists, trusting: proxies)
        let response = await answer(request, client)
        // RFC 9110 §9.3.2.
        return request.method == .head ? response.createHeadResponse() : response
    }

    private func answer(_ request: Request, _ client: IPAddress) async -> Response {
        guard parts.guardian.admits(client) else {
            return pages.tooMany(request, pause: parts.guardian.pause.components.seconds)
        }
        do {
            let context = PublicContext(source: .init(logger: logger, client: client))
            let response = try await responder.respond(to: request, context: context)
            // Every page that is not there is the same one.
            return response.status == .notFound ? pages.notFound(request) : response
        } catch {
            return pages.notFound(request)
        }
    }

    private static func addMailRoutes(to router: Router<PublicContext>, _ parts: Parts) {
        router.get("robots.txt") { _, _ in Self.file("User-agent: *\nDisallow: /\n", .textPlain) }
        router.get(".well-known/mta-sts.txt") { [roster = parts.roster, policy = parts.policy] request, _ in
            // RFC 8461 §3.3: a policy is a domain's by the name of the host alone.
            guard let domain = OwnPolicy.domain(servedBy: Self.host(request)), roster.current.isOwnDomain(domain) else {
                throw HTTPError(.notFound)
            }
            return Self.file(policy.text, .textPlain)
        }
        let settings = { @Sendable [parts] in parts.clientSettings(parts.roster.current.definition.domain) }
        for path in ["mail/config-v1.1.xml", ".well-known/autoconfig/mail/config-v1.1.xml"] {
            router.get(RouterPath(path)) { _, _ in Self.file(settings().autoconfiguration, .textXML) }
        }
        for path in ["autodiscover/autodiscover.xml", "Autodiscover/Autodiscover.xml", "AutoDiscover/AutoDiscover.xml"] {
            router.post(RouterPath(path)) { _, _ in Self.file(settings().autodiscovery, .textXML) }
        }
    }

    /// The host that a request is for, without its port.
    private static func host(_ request: Request) -> Substring {
        let authority = request.head.authority ?? ""
        return authority.prefix { $0 != ":" }
    }

    private enum FileType: String {
        case textPlain = "text/plain; charset=utf-8"
        case textXML = "text/xml; charset=utf-8"
    }

    private static func file(_ text: String, _ type: FileType) -> Response {
        var headers = HTTPFields()
        headers[.contentType] = type.rawValue
        headers[.cacheControl] = "no-store"
        headers[.xContentTypeOptions] = "nosniff"
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(string: text)))
    }
}
