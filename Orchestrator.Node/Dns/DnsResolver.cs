using System.Collections.Concurrent;
using ARSoft.Tools.Net;
using ARSoft.Tools.Net.Dns;
using Microsoft.Extensions.Caching.Memory;

namespace Orchestrator.Node.Dns;

/// <summary>Answers questions: those about the cluster out of the node's own copy, all others by asking the servers of the host, whose answers are kept for a while.</summary>
/// <param name="zone">Returns the names of the cluster; null while they are not known.</param>
/// <param name="upstream">Asks the servers of the host.</param>
internal sealed class DnsResolver(Func<DnsZone?> zone, IDnsUpstream upstream) : IDisposable
{
    private const int MostBytesKept = 16 << 20;
    private const int MostBytesOfOne = 16 << 10;
    private const int MostAsked = 500;
    private const int MostAliases = 8;
    private const int Ttl = 5;
    private const int BytesOfRecord = 200;
    private const int BytesOfLabel = 32;
    private static readonly TimeSpan AskBound = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);
    private static readonly DomainName Domain = DomainName.Parse(DnsZone.Domain);
    private readonly MemoryCache _kept = new(new MemoryCacheOptions { SizeLimit = MostBytesKept });
    private readonly ConcurrentDictionary<(DomainName, RecordType), TaskCompletionSource<DnsMessage?>> _asked = new();

    /// <summary>Fills a response.</summary>
    public async Task AnswerAsync(DnsMessage response, CancellationToken cancellation)
    {
        if (response.Questions is not [{ RecordClass: RecordClass.INet } question])
        {
            response.ReturnCode = ReturnCode.NotImplemented;
            return;
        }

        response.IsRecursionAllowed = true;
        var known = zone();
        var (name, type) = (question.Name.ToString().TrimEnd('.').ToLowerInvariant(), TypeOf(question.RecordType));
        if (known is null && DnsZone.IsOfCluster(name))
        {
            // Nothing is known yet. That there is no such name would be believed.
            response.ReturnCode = ReturnCode.ServerFailure;
            return;
        }

        if (known?.Answer(name, type) is not { } answer)
        {
            await AskAsync(response, question.Name, question.RecordType, cancellation).ConfigureAwait(false);
            return;
        }

        response.IsAuthoritiveAnswer = true;
        response.ReturnCode = answer.Exists ? ReturnCode.NoError : ReturnCode.NxDomain;
        Add(response, answer);
        response.AdditionalRecords.AddRange(answer.Additional.Select(Record));

        // Whoever asks wants to know where an alias leads.
        for (var aliases = 0; answer.Records is [{ Type: DnsType.Cname, Target: { } target }] && question.RecordType is not (RecordType.CName or RecordType.Any); aliases++)
        {
            if (aliases == MostAliases)
            {
                response.ReturnCode = ReturnCode.ServerFailure;
                return;
            }

            if (known.Answer(target.ToLowerInvariant(), type) is not { } next)
            {
                response.IsAuthoritiveAnswer = false;
                await AskAsync(response, DomainName.Parse(target), question.RecordType, cancellation).ConfigureAwait(false);
                return;
            }

            Add(response, answer = next);
            response.ReturnCode = next.Exists ? ReturnCode.NoError : ReturnCode.NxDomain; // That of the last name (RFC 6604).
        }

        if (answer.Records.IsEmpty)
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
            found = await JoinAsync(key).WaitAsync(cancellation).ConfigureAwait(false);
            if (found is not { ReturnCode: ReturnCode.NoError or ReturnCode.NxDomain })
            {
                response.ReturnCode = found?.ReturnCode ?? ReturnCode.ServerFailure;
                return;
            }

            var seconds = found.AnswerRecords.Concat(found.AuthorityRecords).Select(r => r is SoaRecord soa ? Math.Min(soa.TimeToLive, soa.NegativeCachingTTL) : r.TimeToLive).DefaultIfEmpty(0).Min();
            var size = found.AnswerRecords.Concat(found.AuthorityRecords).Aggregate((int?)BytesOf(name), (sum, r) => sum + BytesOf(r));
            if (seconds > 0 && size <= MostBytesOfOne)
            {
                _kept.Set(key, found, new MemoryCacheEntryOptions { Size = size, AbsoluteExpirationRelativeToNow = TimeSpan.FromSeconds(seconds) is var ttl && ttl < Longest ? ttl : Longest });
            }
        }

        response.ReturnCode = found.ReturnCode;
        response.AnswerRecords.AddRange(found.AnswerRecords);
        response.AuthorityRecords.AddRange(found.AuthorityRecords);
    }

    // What a record takes in memory, at most; null if nobody knows, since it has another's format: a pod may ask its own server for whatever is large.
    private static int? BytesOf(DnsRecordBase record) => BytesOfRecord + BytesOf(record.Name) + record switch
    {
        ARecord or AaaaRecord => 0,
        CNameRecord alias => BytesOf(alias.CanonicalName),
        PtrRecord pointer => BytesOf(pointer.PointerDomainName),
        NsRecord server => BytesOf(server.NameServer),
        MxRecord mail => BytesOf(mail.ExchangeDomainName),
        SrvRecord service => BytesOf(service.Target),
        SoaRecord start => BytesOf(start.MasterName) + BytesOf(start.ResponsibleName),
        TxtRecord text => text.TextParts.Sum(t => BytesOfLabel + (t.Length * sizeof(char))),
        _ => null,
    };

    private static int BytesOf(DomainName name) => name.Labels.Sum(l => BytesOfLabel + (l.Length * sizeof(char)));

    // The same question is asked once for all who ask it, and there is a limit to what pods can have asked at a time.
    private Task<DnsMessage?> JoinAsync((DomainName Name, RecordType Type) key)
    {
        if (_asked.Count >= MostAsked && !_asked.ContainsKey(key))
        {
            return Task.FromResult<DnsMessage?>(null);
        }

        var answer = new TaskCompletionSource<DnsMessage?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var first = _asked.GetOrAdd(key, answer);
        if (first == answer)
        {
            _ = AskUpstreamAsync(key.Name, key.Type, answer);
        }

        return first.Task;
    }

    private async Task AskUpstreamAsync(DomainName name, RecordType type, TaskCompletionSource<DnsMessage?> answer)
    {
        DnsMessage? found = null;
        try
        {
            using var bound = new CancellationTokenSource(AskBound);
            found = await upstream.AskAsync(name, type, bound.Token).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // Whatever it is, there is no answer.
        }
        finally
        {
            _asked.TryRemove((name, type), out _);
            answer.TrySetResult(found);
        }
    }

    // In another order each time, so that clients that take the first address spread.
    private static void Add(DnsMessage response, DnsAnswer answer)
    {
        var records = answer.Records.ToArray();
        Random.Shared.Shuffle(records);
        response.AnswerRecords.AddRange(records.Select(Record));
    }

    private static DnsType TypeOf(RecordType type) => type switch
    {
        RecordType.A => DnsType.A,
        RecordType.Aaaa => DnsType.Aaaa,
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
            DnsType.Aaaa => new AaaaRecord(name, Ttl, record.Address!),
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
