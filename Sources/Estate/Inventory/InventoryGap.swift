import AWS

/// Something that could not be read, and why.
package struct InventoryGap: Codable, Hashable, Sendable {
    /// Why, in one word of the snapshot's format; which may pass by itself, `canPass` says.
    package enum Reason: String, Codable, Sendable {
        case denied
        /// The Region is not enabled in the account, or the credentials are not taken there: services say the same of both.
        case notEnabled = "not-enabled"
        /// The account is suspended or being closed.
        case notActive = "not-active"
        case throttled
        /// It was there, and is no more.
        case gone
        case unreachable
        /// It was asked, and the time was up, or the connection ended, before all of an answer was there.
        case noAnswer = "no-answer"
        /// Answered with what cannot be read.
        case unusable
        case refused
        /// There is more of it than is looked at.
        case tooMany = "too-many"
    }

    package let service: String
    package let account: String
    package let region: String
    /// `DescribeTable`.
    package let operation: String
    /// Of which resource; absent of a listing.
    package let resource: OutsideText?
    package let reason: Reason
    /// The service's code; `HTTP 403` and the like where it gave none.
    package let code: OutsideText?
    /// In the service's words, without what is another each time; where no service said anything, what went wrong.
    package let message: OutsideText?

    /// The listing by which its resource is found at all; nil of a listing, and where one call tells of all resources.
    package var listing: String? {
        guard resource != nil else { return nil }
        return switch (service, operation) {
        case ("kms", _): "ListKeys"
        case ("s3", _): "ListBuckets"
        case ("dynamodb", "DescribeBackup"): "ListBackups"
        case ("dynamodb", _): "ListTables"
        case ("secretsmanager", _): "ListSecrets"
        case ("sqs", _): "ListQueues"
        case ("sns", _): "ListTopics"
        default: nil
        }
    }

    /// Whether nothing else is asked of its resource where this failed.
    package var isOfAll: Bool {
        switch (service, operation) {
        case ("kms", "DescribeKey"), ("s3", "GetBucketLocation"): true
        default: false
        }
    }

    init(
        service: String, account: String, region: String, operation: String, resource: OutsideText?, reason: Reason,
        code: OutsideText?, message: OutsideText?
    ) {
        self.service = service
        self.account = account
        self.region = region
        self.operation = operation
        self.resource = resource
        self.reason = reason
        self.code = code
        self.message = message
    }

    init(_ error: AWSError, _ operation: String, of resource: String?, _ service: String, in place: InventoryPlace) {
        self.service = service
        (account, region) = (place.account, place.region)
        self.operation = operation
        self.resource = resource.map(OutsideText.init)
        reason = Reason(error)
        if case .service(let refusal) = error {
            code = OutsideText(refusal.code == .unnamed ? "HTTP \(refusal.status)" : refusal.code.rawValue)
            let words = refusal.message.split(separator: " Encoded authorization failure message").first
            message = words.map { OutsideText(String($0)) }
        } else {
            (code, message) = (nil, OutsideText(error.reason))
        }
    }
}

extension InventoryGap.Reason {
    init(_ error: AWSError) {
        guard case .service(let refusal) = error else {
            switch error {
            case .unreachable, .untrusted, .configuration: self = .unreachable
            case .noAnswer: self = .noAnswer
            default: self = .unusable
            }
            return
        }
        let code = refusal.code.rawValue
        if refusal.isThrottling {
            self = .throttled
        } else if Self.denials.contains(code) {
            self = .denied
        } else if Self.closed.contains(code) {
            self = .notEnabled
        } else if code.hasSuffix("NotFoundException") || code.hasSuffix("NotFound") || code.hasPrefix("NoSuch")
            || code == "QueueDoesNotExist" || refusal.status == 404
        {
            self = .gone
        } else {
            self = .refused
        }
    }

    private static let denials: Set = [
        "AccessDenied", "AccessDeniedException", "AuthorizationError", "AuthorizationErrorException",
        "UnauthorizedOperation", "NotAuthorized", "AllAccessDisabled",
    ]
    private static let closed: Set = [
        "OptInRequired", "UnrecognizedClientException", "InvalidClientTokenId", "AuthFailure", "InvalidAccessKeyId",
    ]
}

extension AWSError {
    /// What went wrong, without the operation and the endpoint.
    fileprivate var reason: String {
        switch self {
        case .configuration(let reason), .unreachable(_, _, let reason), .untrusted(_, _, let reason),
            .answerLost(_, _, let reason), .unanswered(_, _, let reason), .noAnswer(_, _, let reason):
            reason
        case .service(let refusal): refusal.message
        }
    }
}
