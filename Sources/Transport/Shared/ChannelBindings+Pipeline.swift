import Gateway
import NIOCore
import OpenSSL
import TLS

extension ChannelBindings {
    /// What a login over a connection can be bound to; `nil` without TLS. On the event loop.
    init?(of pipeline: ChannelPipeline) {
        guard let handler = try? pipeline.syncOperations.handler(type: TLSHandler.self),
            let bindings = handler.channelBindings
        else { return nil }
        self.init(exporter: bindings.exporter, serverEndPoint: bindings.serverEndPoint)
    }
}
