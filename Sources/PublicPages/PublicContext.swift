import Hummingbird
import Logging
import MailTypes

/// What a route knows of a request beside the request itself.
struct PublicContext: RequestContext {
    struct Source: RequestContextSource {
        let logger: Logger
        let client: IPAddress
    }

    var coreContext: CoreRequestContextStorage
    /// Whom the request comes from, as far as that can be told.
    let client: IPAddress

    init(source: Source) {
        coreContext = CoreRequestContextStorage(source: source)
        client = source.client
    }
}
