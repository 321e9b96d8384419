import Desk
import Gateway
import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// The page of a link in a closing mail. Opening it says nothing, whoever opens it: mail programs and filters open links,
/// too. Only its form counts.
struct RatingPages: Sendable {
    let ratings: Ratings
    let roster: RosterHolder
    let renderer: PageRenderer
    let logger: Logger

    /// After how long to try again what failed.
    private static let pauseAfterFailure: Int64 = 60

    func add(to router: Router<PublicContext>) {
        let base = RatingLinks.path
        router.get("\(base)/:token") { request, context in await show(request, context) }
        router.get("\(base)/:token/:rating") { request, context in await show(request, context) }
        router.post("\(base)/:token") { request, context in await take(request, context) }
    }

    private func show(_ request: Request, _ context: PublicContext) async -> Response {
        let token = context.parameters.get("token") ?? ""
        do {
            guard let page = try await ratings.page(token) else { return notFound(request) }
            var chosen = page.rating
            if let digits = context.parameters.get("rating") {
                guard let named = Int(digits).flatMap(Rating.init(rawValue:)), digits.utf8.count == 1 else {
                    return notFound(request)
                }
                chosen = named
            }
            return html(
                renderer.rating(page, link: RatingLink(token: token), chosen: chosen, language: language(request, page)))
        } catch {
            return failed(request, error)
        }
    }

    private func take(_ request: Request, _ context: PublicContext) async -> Response {
        let token = context.parameters.get("token") ?? ""
        let body: ByteBuffer
        do {
            body = try await request.body.collect(upTo: PublicSite.longestForm)
        } catch is NIOTooManyBytesError {
            let words = PageWords(language: language(request))
            return html(
                renderer.notice(words.tooLargeTitle, words.tooLargeText, in: words.language), .contentTooLarge)
        } catch {
            // The connection is gone.
            return notFound(request)
        }
        let fields = FormFields(body.readableBytesView)
        do throws(StoreFailure) {
            guard let rating = fields["rating"].flatMap({ Int($0) }).flatMap(Rating.init(rawValue:)) else {
                guard let page = try await ratings.page(token) else { return notFound(request) }
                let language = language(request, page)
                return html(
                    renderer.rating(
                        page, link: RatingLink(token: token), chosen: page.rating, language: language,
                        problem: PageWords(language: language).chooseFirst), .unprocessableContent)
            }
            guard try await ratings.rate(token, as: rating, comment: fields["comment"] ?? "") != nil else {
                return notFound(request)
            }
        } catch {
            return failed(request, error)
        }
        // The page is fetched anew, so that going back or opening the browser again sends nothing twice.
        var response = html("", .seeOther)
        response.headers[.location] = RatingLink(token: token).page(nil, Self.asked(request))
        return response
    }

    // MARK: - Pages that say no

    /// The one page for everything that is not there.
    func notFound(_ request: Request) -> Response {
        let words = PageWords(language: language(request))
        return html(renderer.notice(words.notFoundTitle, words.notFoundText, in: words.language), .notFound)
    }

    func tooMany(_ request: Request, pause: Int64) -> Response {
        let words = PageWords(language: language(request))
        return again(
            html(renderer.notice(words.tooManyTitle, words.tooManyText, in: words.language), .tooManyRequests),
            after: pause)
    }

    private func failed(_ request: Request, _ failure: StoreFailure) -> Response {
        logger.error("page not served", metadata: ["failure.reason": "\(failure.reason.rawValue)"])
        let words = PageWords(language: language(request))
        return again(
            html(renderer.notice(words.failedTitle, words.failedText, in: words.language), .serviceUnavailable),
            after: Self.pauseAfterFailure)
    }

    private func again(_ response: Response, after seconds: Int64) -> Response {
        var response = response
        response.headers[.retryAfter] = "\(seconds)"
        return response
    }

    // MARK: - Parts

    /// What a link within the page asked for.
    private static func asked(_ request: Request) -> Language? {
        request.uri.queryParameters.get("lang").flatMap(Language.init(rawValue:))
    }

    /// A case has a language; where there is none to be known, the browser's or the house's.
    private func language(_ request: Request, _ page: Ratings.Page? = nil) -> Language {
        Self.asked(request) ?? page?.language ?? PreferredLanguage.choice(request.headers[.acceptLanguage])
            ?? roster.current.definition.language
    }

    private func html(_ text: String, _ status: HTTPResponse.Status = .ok) -> Response {
        var headers = HTTPFields()
        headers[.contentType] = "text/html; charset=utf-8"
        headers[.cacheControl] = "no-store"
        headers[.contentSecurityPolicy] = renderer.contentSecurityPolicy
        headers[.xContentTypeOptions] = "nosniff"
        for (name, value) in Self.more { headers[name] = value }
        return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(string: text)))
    }

    /// The link stands for who was asked: it goes to no other site, into no frame and no search engine.
    private static let more: [(HTTPField.Name, String)] = [
        (.referrerPolicy, "no-referrer"), (.robotsTag, "noindex, nofollow"), (.frameOptions, "DENY"),
    ]
}
