using ARSoft.Tools.Net;
using ARSoft.Tools.Net.Dns;
using Microsoft.Extensions.Caching.Memory;

namespace Orchestrator.Node.Dns;

/// <summary>Answers questions: those about the cluster out of the node's own copy, all others by asking the servers of the host, whose answers are kept for a while.</summary>
/// <param name="zone">Returns the names of the cluster.</param>
/// <param name="upstream">Asks the servers of the host.</param>
internal sealed class DnsResolver(Func<DnsZone> zone, IDnsUpstream upstream) : IDisposable
{
    private const int MostKept = 10_000;
    private const int Ttl = 5;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);
    private static readonly DomainName Domain = DomainName.Parse(DnsZone.Domain);
    private readonly MemoryCache _kept = new(new MemoryCacheOptions { SizeLimit = MostKept });

    /// <summary>Fills a response.</summary>
    public async Task AnswerAsync(DnsMessage response, CancellationToken cancellation)
    {
        if (response.Questions is not [{ RecordClass: RecordClass.INet } question])
        {
            response.ReturnCode = ReturnCode.NotImplemented;
            return;
        }

        response.IsRecursionAllowed = true;
        var name = question.Name.ToString().TrimEnd('.').ToLowerInvariant();
        if (zone().Answer(name, TypeOf(question.RecordType)) is not { } answer)
        {
            await AskAsync(response, question.Name, question.RecordType, cancellation).ConfigureAwait(false);
            return;
        }

        response.IsAuthoritiveAnswer = true;
        response.ReturnCode = answer.Exists ? ReturnCode.NoError : ReturnCode.NxDomain;
        response.AnswerRecords.AddRange(answer.Records.Select(Record));
        response.AdditionalRecords.AddRange(answer.Additional.Select(Record));
        if (answer.Records is [{ Type: DnsType.Cname, Target: { } target }] && question.RecordType is not (RecordType.CName or RecordType.Any))
        {
            // Whoever asks wants to know where the other name leads.
            if (zone().Answer(target, TypeOf(question.RecordType)) is { } own)
            {
                response.AnswerRecords.AddRange(own.Records.Select(Record));
            }
            else
            {
                response.IsAuthoritiveAnswer = false;
                await AskAsync(response, DomainName.Parse(target), question.RecordType, cancellation).ConfigureAwait(false);
            }
        }
        else if (answer.Records.IsEmpty)
        {
            response.AuthorityRecords.Add(new SoaRecord(Domain, Ttl, DomainName.Parse($"ns.dns.{DnsZone.Domain}"), DomainName.Parse($"hostmaster.{DnsZone.Domain}"), 1, 7200, 1800, 86400, Ttl));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _kept.Dispose();

    private async Task AskAsync(DnsMessage response, DomainName name, RecordType type, CancellationToken cancellation)
    {
        var key = (name, type);
        if (!_kept.TryGetValue(key, out DnsMessage? found) || found is null)
        {
            found = await upstream.AskAsync(name, type, cancellation).ConfigureAwait(false);
            if (found is not { ReturnCode: ReturnCode.NoError or ReturnCode.NxDomain })
            {
                response.ReturnCode = found?.ReturnCode ?? ReturnCode.ServerFailure;
                return;
            }

            var seconds = found.AnswerRecords.Concat(found.AuthorityRecords).Select(r => r is SoaRecord soa ? Math.Min(soa.TimeToLive, soa.NegativeCachingTTL) : r.TimeToLive).DefaultIfEmpty(0).Min();
            if (seconds > 0)
            {
                _kept.Set(key, found, new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = TimeSpan.FromSeconds(seconds) is var ttl && ttl < Longest ? ttl : Longest });
            }
        }

        response.ReturnCode = found.ReturnCode;
        response.AnswerRecords.AddRange(found.AnswerRecords);
        response.AuthorityRecords.AddRange(found.AuthorityRecords);
    }

    private static DnsType TypeOf(RecordType type) => type switch
    {
        RecordType.A => DnsType.A,
        RecordType.Srv => DnsType.Srv,
        RecordType.Ptr => DnsType.Ptr,
        RecordType.CName => DnsType.Cname,
        RecordType.Txt => DnsType.Txt,
        RecordType.Any => DnsType.Any,
        _ => DnsType.Other,
    };

    private static DnsRecordBase Record(DnsRecord record)
    {
        var name = DomainName.Parse(record.Name);
        return record.Type switch
        {
            DnsType.A => new ARecord(name, Ttl, record.Address!),
            DnsType.Srv => new SrvRecord(name, Ttl, 0, 100, (ushort)record.Port, DomainName.Parse(record.Target!)),
            DnsType.Ptr => new PtrRecord(name, Ttl, DomainName.Parse(record.Target!)),
            DnsType.Cname => new CNameRecord(name, Ttl, DomainName.Parse(record.Target!)),
            _ => new TxtRecord(name, Ttl, record.Text!),
        };
    }
}

/// <summary>The servers of names that a host uses.</summary>
internal interface IDnsUpstream
{
    /// <summary>Asks them; null if none answers in time.</summary>
    Task<DnsMessage?> AskAsync(DomainName name, RecordType type, CancellationToken cancellation);
}
