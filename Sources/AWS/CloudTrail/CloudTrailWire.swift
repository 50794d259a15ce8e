/// CloudTrail's wire protocol, AWS JSON 1.1 as KMS's: what client and emulator must agree on.
package enum CloudTrailWire {
    /// The signing name of the service, and the first label of its host names.
    package static let service = "cloudtrail"
    /// Stands before the operation's name in the header `X-Amz-Target`.
    package static let targetPrefix = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101."
}
