namespace PhishMe.Engine.Network;

/// <summary>
/// Tells failures that come from too many requests in flight from those that come anyway. A host that breaks down at a level does not fail below it;
/// one that fails at every level is not helped by fewer requests.
/// </summary>
internal sealed class OverloadDetector
{
    /// <summary>Failures below the level that was thought to be too high, before it is no longer believed to be the cause.</summary>
    private const int Contradictions = 3;

    private const int AnswersToForget = 1000;
    private const int AnswersToJudge = 300;
    private const int AnswersUnrelated = 2000;

    private int _first;
    private int _contradictions;
    private int _answers;
    private int _failures;
    private double _shareBefore;
    private bool _isUnrelated;
    private bool _isRefuted;

    /// <summary>Whether failures say nothing about the level at present.</summary>
    public bool IsUnrelated => _isUnrelated;

    /// <summary>A request was answered.</summary>
    public void Answered()
    {
        _answers++;
        if (_isUnrelated && _answers >= AnswersUnrelated)
        {
            Restart();
        }
        else if (!_isUnrelated && _answers >= AnswersToForget)
        {
            Restart();
            _isRefuted = false;
        }
    }

    /// <summary>A request failed.</summary>
    /// <param name="level">Requests in flight when it began.</param>
    /// <param name="tooHigh">The level that is believed to be too high; null when none is.</param>
    /// <returns>The level to go back to when fewer requests did not help; null when they may help.</returns>
    public int? Failed(int level, int? tooHigh)
    {
        _failures++;
        if (_isUnrelated)
        {
            // More requests brought more failures: the level is the cause after all.
            var share = (double)_failures / (_answers + _failures);
            if (_answers + _failures >= AnswersToJudge && share > Math.Max(0.04, 3 * _shareBefore))
            {
                Restart();
                _isRefuted = true;
            }

            return null;
        }

        // One alone that fails cannot be one too many.
        if (tooHigh is not int bad || (level >= bad && level > 1))
        {
            _first = level;
            _contradictions = 0;
            return null;
        }

        _contradictions++;
        if (_contradictions < Contradictions || _isRefuted)
        {
            return null;
        }

        _shareBefore = (double)_failures / Math.Max(1, _answers + _failures);
        Restart();
        _isUnrelated = true;
        return _first;
    }

    private void Restart()
    {
        _isUnrelated = false;
        _answers = 0;
        _failures = 0;
        _contradictions = 0;
    }
}
