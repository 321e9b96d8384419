import Desk

/// Where the pages that take ratings are found from outside.
package struct RatingLinks: Sendable {
    /// The first part of the path.
    package static let path = "rating"

    /// Scheme, host and port, without a slash at the end.
    private let origin: String

    package init(origin: String) { self.origin = origin }

    /// The page with nothing chosen yet.
    func page(_ token: SignedToken) -> String { "\(origin)/\(Self.path)/\(token.text)" }

    /// The page with a rating chosen: opening it says nothing yet, since machines open links, too.
    func page(_ token: SignedToken, _ rating: Rating) -> String { "\(page(token))/\(rating.rawValue)" }
}
