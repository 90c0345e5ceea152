package press

// TurnsText tells the characters that do nothing but turn the direction of the
// text behind them (Unicode's embeddings, overrides and isolates), so that it is
// shown in another order than it has. The marks LRM, RLM and ALM are ordinary in
// Arabic and Hebrew, and none of these.
func TurnsText(r rune) bool { return r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 }
