using System.Security.Cryptography;

namespace Orchestrator.Node.Certificates;

/// <summary>Checks once a day whether certificates of the API have to be renewed.</summary>
internal sealed partial class CertificateRenewal : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromDays(1);
    private static readonly TimeSpan Notice = TimeSpan.FromDays(365);
    private readonly Authority _authority;
    private readonly ApiCertificates _certificates;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly ITimer _timer;

    public CertificateRenewal(Authority authority, ApiCertificates certificates, TimeProvider time, ILogger log)
    {
        (_authority, _certificates, _time, _log) = (authority, certificates, time, log);
        _timer = time.CreateTimer(_ => Pass(), null, TimeSpan.Zero, Period);
    }

    public void Dispose() => _timer.Dispose();

    private void Pass()
    {
        var now = _time.GetUtcNow();
        try
        {
            _certificates.RenewDue(now);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            NotRenewed(_log, e);
        }

        if (_authority.Ends - now < Notice)
        {
            AuthorityEnds(_log, _authority.Ends);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Could not renew the API certificates; retrying in a day. The current ones are still valid for months")]
    private static partial void NotRenewed(ILogger log, Exception e);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The cluster's authority pki/ca.crt ends at {End:u} and is not renewed: remove pki in the data directories of all hosts and join them anew before then")]
    private static partial void AuthorityEnds(ILogger log, DateTimeOffset end);
}
