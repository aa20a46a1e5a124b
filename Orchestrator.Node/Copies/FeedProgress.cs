using Orchestrator.Actors.Feed;

namespace Orchestrator.Node.Copies;

/// <summary>How far a copy of a feed is, and what its news are good for. Pure but for its own state.</summary>
internal sealed class FeedProgress
{
    private FeedPosition? _draft;

    /// <summary>Who gave the copy; empty if there is none yet.</summary>
    public string Source { get; private set; } = "";

    /// <summary>Version of the copy.</summary>
    public long Version { get; private set; }

    /// <summary>What is to be asked for.</summary>
    public FeedPosition Position => _draft ?? new FeedPosition(Source, Version);

    /// <summary>Takes news.</summary>
    public FeedStep Take(IFeedNews news)
    {
        if (news.From != ObjectNews.Whole)
        {
            // While the whole comes, changes wait: who gives it knows what came meanwhile.
            if (_draft is not null || (news.Source == Source && news.Version <= Version))
            {
                return FeedStep.Nothing;
            }

            if ((news.Source, news.From) != (Source, Version))
            {
                return FeedStep.Ask;
            }

            Version = news.Version;
            return FeedStep.Change;
        }

        if (news.Part != 1 && _draft != new FeedPosition(news.Source, news.Version, news.Part))
        {
            return FeedStep.Nothing;
        }

        if (news.Part < news.Parts)
        {
            _draft = new FeedPosition(news.Source, news.Version, news.Part + 1);
            return FeedStep.Part;
        }

        (Source, Version, _draft) = (news.Source, news.Version, null);
        return FeedStep.Whole;
    }
}

/// <summary>What news are.</summary>
internal enum FeedStep
{
    /// <summary>Known already, or of no use now.</summary>
    Nothing,

    /// <summary>Something before them was missed: it has to be asked for.</summary>
    Ask,

    /// <summary>A part of the whole, not the last: the next one has to be asked for. Part 1 begins it anew.</summary>
    Part,

    /// <summary>The last part of the whole.</summary>
    Whole,

    /// <summary>A change of the copy.</summary>
    Change,
}
