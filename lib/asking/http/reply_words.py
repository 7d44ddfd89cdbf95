"""The words in which replies state an answer, decline one, or give a reason: data for the parser, by language.

All are parts of regular expressions, matched without regard to case against text in NFKC with ASCII digits.
"""

import re
from collections.abc import Iterable

#: Spelled numbers. Left out is what is also another word: "un", "um", "bir", "sex", "to", "fire".
SPELLED = {
    word: number
    for words in (
        "zero one two three four five six seven eight nine ten",
        "null eins zwei drei vier fünf sechs sieben acht neun zehn",
        "zéro - deux trois quatre cinq - sept huit neuf dix",
        "cero uno dos tres cuatro cinco seis siete ocho nueve diez",
        "- - - tre quattro cinque sei sette otto nove dieci",
        "- - dois três quatro - - sete oito - dez",
        "nul - twee - - vijf zes zeven - negen tien",
        "ноль один два три четыре пять шесть семь восемь девять десять",
        "- jeden dwa trzy cztery pięć sześć siedem osiem dziewięć dziesięć",
        "- ett två - fyra fem - sju åtta nio tio",
        "sıfır - iki üç dört beş altı yedi sekiz dokuz -",
        "صفر واحد اثنان ثلاثة أربعة خمسة ستة سبعة ثمانية تسعة عشرة",
        "शून्य - - तीन चार पाँच छह सात आठ नौ दस",
        "零 一 二 三 四 五 六 七 八 九 十",
    )
    for number, word in enumerate(words.split())
    if word != "-"
}


def either(words: Iterable[str]) -> str:
    """Returns a pattern for any of the words, longest first."""
    return "|".join(sorted(words, key=len, reverse=True))


_LETTERS = [w for w in SPELLED if not re.match("[零一-十]", w)]
NUMBER = rf"(?:(?<![\w.,])-?\d+(?:[.,]\d+)?(?!\w)|(?<!\w)(?:{either(_LETTERS)})(?!\w))"
#: A number among letters that are written without spaces: "我选4分", "四です".
CLOSE_NUMBER = r"(?:(?<![\d.,])\d+(?:[.,]\d+)?(?!\d)|[零一二三四五六七八九十]+)"

#: What an answer may be called.
NOUNS = (
    "answer|response|rating|rate|score|choice|reply|number|option|selection|selected|chosen|pick|verdict|decision|"
    "assessment|evaluation|judge?ment|a(?=:)|ans(?=[:.])|antwort|bewertung|auswahl|wahl|zahl|réponse|note|choix|"
    "respuesta|calificación|puntuación|elección|opción|resposta|nota|escolha|opção|risposta|valutazione|scelta|"
    "punteggio|antwoord|keuze|ответ|оценка|выбор|вариант|odpowiedź|ocena|wybór|svar|vastaus|válasz|odpověď|cevap|"
    "cevabım|yanıt|puan|الإجابة|إجابتي|الجواب|الاختيار|التقييم|उत्तर|जवाब|रेटिंग"
)
_ARTICLES = (
    "my|the|his|her|their|your|our|a|an|meine?|die|das|der|ma|mon|la|le|mi|el|tu|minha|a minha|o|mia|la mia|il mio|"
    "mijn|het|de|мой|моя|moja|mitt|mit|मेरा|मेरी"
)
ADJECTIVES = (
    "final|overall|honest|own|likert|most|fitting|accurate|appropriate|suitable|closest|agreement|similarity|selected|"
    "chosen|numeric|numerical|best|correct|short|direct|personal|finale?|endgültige|definitiva?|последний|окончательный"
)
_COPULAS = (
    "is|was|would be|will be|'s|ist|lautet|wäre|est|serait|es|sería|é|seria|è|sarebbe|är|er|это|to|jest|हैं?|हे|هي|هو"
)
_ADVERBS = (
    "definitely|probably|certainly|clearly|likely|most likely|honestly|personally|surely|absolutely|easily|actually|"
    "overall|simply|just|rather|therefore|thus|hence|also|still|then|so|ultimately|finally|in the end|ok|okay|sure|"
    "well|hm+|yes|alright|here's|here is|here are|for me|to me|that makes|solid|strong|firm|clear|roughly|about|around|"
    "approximately"
)
ADVERB = rf"(?:(?:{_ADVERBS})(?!\w)[,:.!]?\s*)"
NOUN = rf"(?:{either(NOUNS.split('|'))})(?!\w)"
#: "The number *that best describes me* is 4", "4 is the rating *I would give*".
WHICH = (
    r"(?:\s+(?:that )?(?:(?:best |most )?(?:describes|fits|represents|reflects|applies|suits|matches)(?: \w+){1,3}?"
    r"|i(?:'d| would) (?:give|choose|pick|assign|select|say)(?: (?:it|this|him|her|them|myself))?))"
)
#: "Answer:", "My final rating for this statement would be".
LABEL = (
    rf"(?<!\w)(?:(?:{_ARTICLES})\s+)*(?:(?:{ADJECTIVES})[\s-]+)*{NOUN}"
    rf"(?:\s+(?:option|number|value|score|rating|choice|answer)(?!\w))?[\"']?{WHICH}?"
    r"(?:\s+(?:to|for|on) (?:this|the|that|me|him|her|them|myself)"
    r"(?: (?:statement|question|item|one|scale|description))?(?!\w))?"
    rf"(?:\s*(?:{_COPULAS})(?!\w)|\s*(?:[:=→]|[-=]>|[-–—](?=\s)))*\s*"
)

#: Who answers, and how. "People would say 4" is somebody else's answer.
SUBJECTS = (
    r"(?:(?:i|we|he|she|they)\b|(?:this|the|such a|that) (?:man|woman|person|individual|respondent|character)"
    r"(?: described| in question| above)?\b|someone like (?:this|him|her|me|that))"
)
VERBS = (
    "say|rate|choose|pick|select|answer|give|go|respond|reply|settle|put|assign|score|rank|call|mark|opt|stick|vote|"
    "indicate|place|land|circle|tick|rating|choosing|giving|going|selecting|picking|chose|picked|selected|rated|chosen|"
    "says|rates|chooses|picks|selects|answers|gives"
)
FOREIGN_VERBS = "|".join(
    (
        r"ich (?:würde|wähle|sage|gebe|nehme|antworte|bewerte|entscheide mich)|(?:er|sie) (?:würde|wählt|sagt)",
        r"(?:je|j'|il|elle) ?(?:dirais|dirait|choisis|choisirais|donnerais|réponds|répondrais|mettrais)",
        r"(?:yo |él |ella )?(?:diría|elijo|elegiría|escojo|escogería|respondo|respondería|daría|pondría|marcaría)",
        r"(?:eu |ele |ela )?(?:diria|escolho|escolheria|respondo|responderia|daria)",
        r"(?:io |lui |lei )?(?:direi|scelgo|sceglierei|risponderei|darei)",
        r"ik (?:zou|kies|zeg|geef)",
        r"(?:я )?(?:бы )?(?:выбираю|выбрала?|сказала?|поставила?|оценила?|ставлю)(?: бы)?",
        r"wybieram|wybrał(?:a)?bym|powiedział(?:a)?bym",
        r"jag (?:skulle säga|väljer|säger)",
        r"س?أختار|س?أقول",
    )
)
#: What may stand between verb and number.
_FILLERS = (
    "it|it's|it is|this|that|myself|him|himself|her|herself|them|me|the|statement|item|one|question|description|at|as|"
    "with|for|on|to|of|a|an|my|is|would be|be|about|around|roughly|approximately|solid|strong|firm|clear|down|"
    f"{NOUNS}|eine?|einen|einer|die|den|das|diese|dieser|aussage|frage|hier|cette|affirmation|esta|afirmación|questa|"
    "affermazione|afirmação|es|mich|mir|dem|mit|als|für|un|une|l'|le|la|una|el|de|que|con|um|uma|o|opzione|numero|een|"
    "på|en|número|номер|الرقم|رقم|je zou|zeggen|sagen|dire|decir|dizer"
)
FILLER = rf"(?:(?:{either(_FILLERS.split('|'))})(?:[\s,]+|\s*:\s*|(?<=')))"
VERBS_AFTER = (
    "bewerten|sagen|wählen|geben|vergeben|antworten|nehmen|ankreuzen|zeggen|kiezen|geven|derdim|seçerdim|diyorum|"
    "seçiyorum|veririm|है|चुनूँगा|चुनूंगा|चुनता हूँ"
)

#: Answers in scripts without spaces, from end to end but for the reason: what goes before the number, and after.
CLOSE_STATED = (
    r"(?:(?:我|本人|他|她)?(?:的)?(?:会|會|将|要)?(?:选择|選擇|选|選|给|給|打|回答|答案|评分|評分|评价|选项|得分|分数|打分)"
    r"(?:的)?(?:是|为|為|:|了|出)*\s*"
    r"|(?:私の|僕の|彼の|彼女の)?(?:答え|回答|評価|選択)\s*(?:は|:)+\s*|(?:私は|僕は|彼は|彼女は)\s*"
    r"|(?:제|저의|나의|내)?\s*(?:답변|대답|답|점수|선택|평가|응답)\s*(?:은|는|:)+\s*|(?:저는|나는)\s*)?",
    r"\s*(?:分|点|點|점|번|番|号|號)?\s*"
    r"(?:です|だと思います|と思います|を選びます|を選択します|と答えます|とします|입니다|이에요|예요"
    r"|이라고 답하겠습니다|[을를] 선택합니다|[을를] 선택하겠습니다|[을를] 고르겠습니다)?",
)

#: Words that give a reason wherever they stand, and those that do so after a comma only: "2 car garages".
REASONS = (
    "because|since|due to|based on|for the (?:following )?reason|given (?:my|his|her|their|the|that|how)|"
    "as (?:it|i|he|she|they|this|that|the|my|his|her)|weil|parce que?|puisque|porque|ya que|perché|poiché|omdat|потому|"
    "так как|ponieważ|eftersom|çünkü|因为|因為|なぜなら|왜냐하면|لأن|क्योंकि"
)
_REASONS_APART = "as|given|considering|denn|da|car|pues|pois|want"
#: What an explanation may be called: "Answer: 4 Reason: …". "4 reasons" are none.
REASON_NAMES = (
    "reason|reasoning|explanation|rationale|justification|why|note|confidence|begründung|raison|explication|razón|"
    "explicación|motivo|spiegazione|uitleg|причина|uzasadnienie|理由|原因|이유"
)

#: "Because …", "Reason: …": what follows may hold other numbers.
REASON = (
    rf"(?:(?:{REASONS}|(?:(?<=[,;:.–—-]\s)|(?<=[(–—]))(?:{_REASONS_APART}))(?!\w)"
    rf"|(?:{REASON_NAMES})[\"']?\s*:)"
)

_DOING = (
    "answer|help|assist|rate|provide|respond|reply|choose|comply|engage|give(?! up)|say|select|pick|"
    "do (?:that|this|so)|fulfil|participate|continue|offer|state|judge|express|share|discuss|role-?play|pretend|make|"
    "take part|complete"
)
REFUSED = re.compile(
    r"\bas an? (?:ai|artificial|(?:large )?language model)\b"
    r"|\bi(?:'m| am) (?:just |only )?an? (?:ai|(?:large )?language model)\b"
    r"|\b(?:can(?:no|')t|can not|won't|will not|unable to|not able to|not going to|rather not|prefer not to|decline to"
    rf"|refuse to)(?: \w+)? (?:{_DOING})|\bmust decline|\bi decline\b|not comfortable|\bunable to\b|not appropriate"
    r"|\b(?:do not|don't) have (?:any )?(?:personal|feelings|opinions?|beliefs|values|preferences)"
    r"|\b(?:i'm|i am|so|we're) sorry\b(?! for (?!the incon|any|this))|^sorry\b|\bi apologi[sz]e"
    r"|es tut mir leid|als (?:ki|künstliche|sprachmodell)"
    r"|kann (?:ich )?(?:das |die frage |darauf |diese frage )?nicht (?:be)?antworten"
    r"|en tant qu'ia|en tant que mod|je suis désolée?|je ne peux pas|désolée?, mais"
    r"|lo siento|no puedo|como (?:una? )?(?:ia|inteligencia|modelo|intelig)|desculpe|sinto muito|não posso"
    r"|mi dispiace|non posso|come (?:ia|intelligenza|modello)|het spijt me|ik kan (?:dit|deze|dat|hier)?\b.{0,20}niet"
    r"|извините|простите|не могу|как (?:ии|искусственный|языковая)|przepraszam|nie mogę|jako (?:si|model)"
    r"|tyvärr|kan inte svara|üzgünüm|yapay zeka"
    r"|抱歉|对不起|對不起|无法|無法|不能回答|作为(?:一个|一名)?(?:ai|人工智能|语言模型)|申し訳|できません|お答えでき"
    r"|죄송|할 수 없|답할 수|답변할 수 없|عذر|آسف|لا أستطيع|لا يمكنني|क्षमा|माफ|नहीं (?:दे|कर|बता) सक",
    re.IGNORECASE,
)
