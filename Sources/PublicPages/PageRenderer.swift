import Desk
import Gateway
import MailTypes
import Mustache

/// Writes pages as HTML.
struct PageRenderer: Sendable {
    private let template: MustacheTemplate
    /// What a browser may do with a page: show it, with its one style sheet, and send its form here.
    let contentSecurityPolicy: String

    init(cryptography: any Cryptography) {
        do {
            template = try MustacheTemplate(string: PageTemplate.html)
        } catch {
            preconditionFailure("a template of ours is wrong: \(error)")
        }
        let digest = cryptography.makeDigest()
        Array(PageTemplate.style.utf8).withUnsafeBytes { digest.update($0) }
        contentSecurityPolicy =
            "default-src 'none'; style-src 'sha256-\(Base64.encode(digest.finalize()))'; form-action 'self'; "
            + "base-uri 'none'; frame-ancestors 'none'"
    }

    /// A page that only says something.
    func notice(_ title: String, _ text: String, in language: Language) -> String {
        render(["language": language.rawValue, "title": title, "text": text])
    }

    /// The page that takes a rating. `chosen`: what the link says, or what was said before. `problem`: what was wrong with
    /// the form.
    func rating(
        _ page: Ratings.Page, link: RatingLink, chosen: Rating?, language: Language, problem: String? = nil
    ) -> String {
        let words = PageWords(language: language)
        let other: Language = language == .polish ? .english : .polish
        let form: [String: Any] = [
            "action": link.action(language == page.language ? nil : language), "title": words.question,
            "choices": Rating.allCases.map { rating -> [String: Any] in
                [
                    "value": rating.rawValue, "name": RatingWords(language).name(of: rating),
                    "isChosen": rating == chosen,
                ]
            },
            "commentLabel": words.commentLabel, "send": page.rating == nil ? words.send : words.change,
            "promise": words.promise, "otherLink": link.page(chosen, other), "otherLanguage": other.rawValue,
            "otherName": other == .polish ? "Po polsku" : "In English",
        ]
        var fields: [String: Any] = [
            "language": language.rawValue, "title": words.question, "about": words.about(page.stamp), "form": form,
        ]
        if let rating = page.rating { fields["thanks"] = words.thanks(rating, until: page.changeableUntil) }
        if let problem { fields["problem"] = problem }
        return render(fields)
    }

    private func render(_ fields: [String: Any]) -> String {
        template.render(fields.merging(["style": PageTemplate.style]) { $1 })
    }
}

/// The path of a rating page, for links within it.
struct RatingLink {
    /// As it stood in the path.
    let token: String

    func page(_ chosen: Rating?, _ language: Language?) -> String {
        "/\(RatingLinks.path)/\(token)" + (chosen.map { "/\($0.rawValue)" } ?? "") + query(language)
    }

    func action(_ language: Language?) -> String { "/\(RatingLinks.path)/\(token)" + query(language) }

    private func query(_ language: Language?) -> String { language.map { "?lang=\($0.rawValue)" } ?? "" }
}
