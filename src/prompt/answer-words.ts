/**
 * The words that may stand around an answer without changing it. A short list on purpose: a sentence with any other
 * word is no statement of an answer, so that a negation, a doubt or a condition needs no list to be safe, in any
 * language.
 */
export const fillerWords: ReadonlySet<string> = new Set(
  `
  the a an this that these it its it's that's here here's there i i'd i'll we you my our your me
  is are was be would should will can has have
  as of to in into under for on with about by and so then thus hence therefore
  ok okay sure certainly well yes alright great please note hi hello done
  answer answers answered response reply result output final finally correct right proper best most appropriate suitable
  fitting accurate closest single only overall main
  category categories class label type kind topic group tag option choice letter value verdict decision prediction
  classification sentiment rating score grade level status intent queue
  ticket text message email e-mail mail review comment sentence document tweet post question query article statement
  input content request conversation passage item row case example issue matter problem subject one customer user
  belongs belong falls fall fits fit matches match goes go relates related refers concerns concerning regarding
  classified categorized categorised labeled labelled tagged assigned identified determined marked filed sorted routed
  classify categorize categorise label choose chose chosen select selected pick picked assign say said give given think
  believe conclude determine based provided above following
  assistant
  stars star point points
  die der das den dem ein eine antwort lautet ist kategorie klasse thema ergebnis also gehört zu zur zum dies dieses
  la le les l une un réponse est catégorie c'est classe
  el los las es respuesta categoría clase esto
  il lo risposta è categoria classe questo
  o os a resposta categoria é
  het de antwoord categorie klasse dit
  答案 答案是 类别 类别是 类别为 分类 分类是 分类为 结果 结果是 是 カテゴリ カテゴリは カテゴリー カテゴリーは 分類 分類は 答え 答えは です は
  정답은 답은 카테고리 카테고리는 입니다 분류
  `
    .trim()
    .split(/\s+/),
);

/** Words that say no, or that a value is small, absent or wrong; in the languages that most answers come in. */
export const denials: ReadonlySet<string> = new Set(
  `
  no not non none nor neither never cannot can't cant isn't isnt ain't aint aren't arent wasn't wasnt doesn't doesnt
  don't dont didn't didnt won't wont wouldn't wouldnt shouldn't hardly barely scarcely without except excluding
  excluded exclude unlikely improbable wrong incorrect false untrue zero nothing anything impossible negative low
  nein nicht kein keine keinen keiner keines nie niemals ohne falsch
  ne pas n'est aucun aucune jamais sans faux non
  nunca ningún ninguna ninguno tampoco sin falso
  não nao nenhum nenhuma jamais sem
  nessun nessuna mai senza sbagliato
  niet geen nooit zonder
  inte ingen inget aldrig ikke ingen aldri ej
  ei eivät eikä
  nie nigdy bez żaden brak
  není neni nikoli nejde žádný ani
  nem nincs soha
  nu niciodată fără
  не нет ни нельзя никогда без ложно неверно
  ні немає
  δεν όχι μη χωρίς
  değil yok hayır asla
  không chưa
  tidak bukan jangan
  hindi wala
  nahi nahin नहीं मत
  না নয়
  لا ليس ليست لم لن غير
  לא אין בלי
  不 不是 没 没有 非 无 否 不属于 并非
  ない なし いいえ ではない ではありません じゃない 違います 違う 否
  아니 아니다 아닙니다 아니요 없음 없다
  ไม่ ไม่ใช่
  `
    .trim()
    .split(/\s+/),
);

/** What begins a sentence that takes back what was said before it. */
export const corrections: ReadonlySet<string> = new Set(
  `
  actually wait correction sorry apologies hmm hm no nope scratch however but rather instead reconsidering rethinking
  alternatively although unless or otherwise
  moment eigentlich doch allerdings aber sondern entschuldigung
  attends finalement pardon mais plutôt
  espera perdón pero sino
  espere aliás mas
  aspetta anzi ma
  подожди нет но
  不对 等等 但是 いや 待って しかし 잠깐 아니 하지만
  `
    .trim()
    .split(/\s+/),
);

/** What begins the reason for an answer within a sentence. */
export const reasonWords: ReadonlySet<string> = new Set([
  'because',
  'since',
  'due',
  'weil',
  'da',
  'denn',
  'parce',
  'car',
  'porque',
  'perché',
  'omdat',
  'потому',
]);

/** Names under which models give an answer when they do not use the one that they were asked for. */
export const answerNames: ReadonlySet<string> = new Set([
  'answer',
  'finalanswer',
  'theanswer',
  'myanswer',
  'label',
  'category',
  'class',
  'classification',
  'output',
  'result',
  'response',
  'prediction',
  'verdict',
  'decision',
  'choice',
  'option',
  'value',
  'rating',
  'assistant',
  'antwort',
  'kategorie',
  'réponse',
  'catégorie',
  'respuesta',
  'categoría',
  'resposta',
  'categoria',
  'risposta',
  'antwoord',
  'categorie',
  'ответ',
  'категория',
  '答案',
  '类别',
  '分类',
  '答え',
  'カテゴリ',
  'カテゴリー',
  '정답',
  '카테고리',
]);

/** Signs that say no. */
export const denyingSigns: ReadonlySet<string> = new Set([
  '❌',
  '✗',
  '✘',
  '✖',
  '🚫',
  '⛔',
  '👎',
  '❎',
  '🙅',
  '¬',
  '≠',
]);
